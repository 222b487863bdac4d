//! Units in shards that take about as long as one another, as a matrix of a GitHub workflow.

use provenear_shared::report::PlanUnit;
use serde_json::{Value, json};

/// The matrix, with at most so many shards. Units of which nothing is known count as much as the others do on average.
pub(super) fn matrix(units: &[PlanUnit], most: usize) -> Value {
    let known: Vec<f64> = units.iter().filter_map(|unit| unit.seconds).collect();
    let average = if known.is_empty() { 1.0 } else { known.iter().sum::<f64>() / known.len() as f64 };
    let mut sorted: Vec<(f64, String)> =
        units.iter().map(|unit| (unit.seconds.unwrap_or(average), unit.unit.to_string())).collect();
    // The longest first, each to whoever has least to do: then no shard has much more than the others.
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut shards: Vec<(f64, Vec<String>)> = vec![(0.0, Vec::new()); most.min(units.len())];
    for (seconds, id) in sorted {
        let least = shards.iter_mut().min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.len().cmp(&b.1.len())));
        if let Some((all, ids)) = least {
            *all += seconds;
            ids.push(id);
        }
    }
    let include: Vec<Value> = shards
        .into_iter()
        .enumerate()
        .map(|(shard, (_, mut ids))| {
            ids.sort();
            json!({"shard": shard, "units": ids.join(" ")})
        })
        .collect();
    json!({ "include": include })
}

#[cfg(test)]
mod tests {
    use super::*;
    use provenear_shared::container::NetworkAccess;
    use provenear_shared::digest::{Hex, Sha256Digest};
    use provenear_shared::report::{ClaimedBuild, ClaimedRecipe, ImagePrograms, UnitInputs};

    fn unit(number: usize, seconds: Option<f64>) -> PlanUnit {
        let build_info = ClaimedBuild {
            build_environment: None,
            build_command: None,
            contract_path: None,
            source_code_snapshot: None,
            output_wasm_path: None,
        };
        let inputs = UnitInputs {
            build_type: String::new(),
            recipe: ClaimedRecipe { link: None, build_info },
            image: String::new(),
            source: None,
            network_access: NetworkAccess::Fetch,
            allow_local_source: false,
        };
        let unit = Hex(Sha256Digest::of(&number.to_le_bytes()));
        PlanUnit { unit, inputs, image_programs: ImagePrograms::Refused, observed: None, seconds, subjects: 1 }
    }

    fn shards(units: &[PlanUnit], most: usize) -> Vec<Vec<String>> {
        let matrix = matrix(units, most);
        let include = matrix["include"].as_array().unwrap();
        for (at, shard) in include.iter().enumerate() {
            assert_eq!(shard["shard"], at);
        }
        let ids = |shard: &Value| shard["units"].as_str().unwrap().split(' ').map(str::to_owned).collect();
        include.iter().map(ids).collect()
    }

    #[test]
    fn every_unit_is_in_one_shard_and_no_shard_has_much_more_than_others() {
        let mut units: Vec<PlanUnit> = (0..30).map(|number| unit(number, Some(10.0))).collect();
        units.push(unit(30, Some(100.0)));
        let shards_of = shards(&units, 4);
        let mut all: Vec<String> = shards_of.concat();
        all.sort();
        let mut expected: Vec<String> = units.iter().map(|unit| unit.unit.to_string()).collect();
        expected.sort();
        assert_eq!((shards_of.len(), all), (4, expected));
        assert_eq!(shards_of.iter().map(Vec::len).min(), Some(1), "the long one is alone");
        // The order of the list changes nothing.
        units.reverse();
        assert_eq!(shards(&units, 4), shards_of);
    }

    #[test]
    fn there_are_no_more_shards_than_units_and_none_is_empty() {
        assert_eq!(matrix(&[], 256), json!({"include": []}));
        let units: Vec<PlanUnit> = (0..3).map(|number| unit(number, None)).collect();
        assert_eq!(shards(&units, 256).iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
        let units: Vec<PlanUnit> = (0..600).map(|number| unit(number, None)).collect();
        let lengths: Vec<usize> = shards(&units, 256).iter().map(Vec::len).collect();
        assert!(lengths.len() == 256 && lengths.iter().all(|length| (2..=3).contains(length)), "{lengths:?}");
    }
}
