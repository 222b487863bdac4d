//! The recordings of a real node under `testdata/rpc`, and the chain that was recorded, as a devnet chain.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use crate::devnet::{Account, Chain, Contract, Deploy, Hash, Key, Permission};

/// Hashes of blocks that the recordings name.
const BLOCKS: [(u64, &str, u64); 17] = [
    (165, "BPvKjFFQMu5uZwQ6jZr1epFAVDNrSDbvt39fiGBu6wJC", 0),
    (1580, "5yGMcM7pieiR1eQj3BUAvJN9iuTeRVBf5BtCiGd9V3vC", 1_795_389_428_952_432_938),
    (2960, "EWxsYmk6SBAVVhNfupV3siGMSnudUeADTVQZGfGUg1U8", 0),
    (2961, "AYf7MMKQG9cBtMMWmC5c6ebcp5p5HDq2nwaVRSHCUWzq", 0),
    (2962, "EJWiC48zz2Hp51od9cu2Mgh9wZ6QTXW3W3gGi5mVVFfB", 0),
    (2963, "Gp99wydVM3tUEmTG7gvpBqBcLtpfWNtHZCAwuvGuoBKt", 0),
    (2964, "AZqyXYPoQdhgbo4zDbY6HuZSRxZcxqPkx1vKHxZ8uoSQ", 0),
    (2965, "E9ABMtte25EeGXCXms7oXuR9D4Tt8B41Yt8o3vadp9aa", 1_795_389_603_570_966_091),
    (2966, "G4HhuBBnKiP1ZRdpRSfufFdzaaX2iCnicLUUc1F3Qi6q", 0),
    (3240, "3Y8EqhsdmQWNZh6Rx7H3qiMWAWMnsxrgEWtohQfHN3DW", 0),
    (3241, "GAdTEkzbd872eZwc5Zf27eyrczJrCqh7qd3vKYEcQwce", 0),
    (3242, "GL7Dek4TJs73Wh1qSa4EzqWHUB7aoLtX4fMgeTmLc2q9", 1_795_389_638_525_163_520),
    (3246, "EzUvMumZV7we998vo5BuKoqUwAHxdKCnnn8vYTiCE7Vp", 0),
    (3247, "2prCfCk3PpczyanBXuVexYN5H5aJgc7sU85rgdpVcWb9", 0),
    (3261, "84mY9fvVEnMEV1oCwe8DhrXczYiqF7WCi5mJrNgP3oa2", 0),
    (3262, "HP29B5Dp2AnJuwPp624uKcrVMJjvsmtry6m7gVp1DLbM", 0),
    (3263, "2igPUW8MJ3AtEShtztVZM41kMKwSBp6r326boS2yk6Df", 1_795_389_641_181_045_390),
];
/// The head when `status` was asked: height, hash, nanoseconds since 1970.
pub const HEAD: (u64, &str, u64) = (3550, "9sTXUeJ6uSqoWW3PYaEP3uVoStjLNQQ3wGwTykvwfJQq", 1_795_392_253_250_485_726);

/// Every recording, by name.
///
/// # Panics
/// When one is not JSON: the test data belong to the tests.
pub fn recordings() -> Vec<(String, Value)> {
    let parsed = |text| serde_json::from_str(text).expect("a recording is as it was recorded");
    crate::vector::recordings().iter().map(|(name, text)| ((*name).to_owned(), parsed(text))).collect()
}

/// The code that an account had, out of the recording of its `view_code`.
fn recorded_code(all: &[(String, Value)], name: &str) -> Vec<u8> {
    let (_, recording) = all.iter().find(|(it, _)| it == name).expect("a recording is as it was recorded");
    BASE64_STANDARD
        .decode(recording["response"]["result"]["code_base64"].as_str().expect("a recording is as it was recorded"))
        .expect("a recording is as it was recorded")
}

/// The chain that was recorded, its clock running.
///
/// # Panics
/// When a recording that holds code is missing.
pub fn sandbox(all: &[(String, Value)]) -> Arc<Chain> {
    let chain = Chain::new("sandbox");
    for (height, hash, nanos) in BLOCKS.into_iter().chain([HEAD]) {
        let time = (nanos > 0).then(|| UNIX_EPOCH + Duration::from_nanos(nanos));
        chain.seed_block(height, Hash::parse(hash).expect("a recording is as it was recorded"), time);
    }
    chain.set_horizon(1580);
    let tiny = recorded_code(all, "view_code_local");
    let tiny2 = recorded_code(all, "view_code_redeployed");
    let nometa = recorded_code(all, "view_code_nometa");
    chain.publish_at(100, Some("owner.sandbox"), tiny.clone());
    let by_hash = chain.publish_at(100, None, tiny2.clone());

    let put = |height, id: &str, contract: Contract, amount: u128, keys: Vec<Key>| {
        chain.put_at(height, id, Account { contract, keys, state: [].into(), amount });
    };
    let full = |key: &str, nonce| {
        vec![Key { public_key: format!("ed25519:{key}"), nonce, permission: Permission::FullAccess }]
    };
    let local = |code: &Vec<u8>| Contract::local(code.clone());
    put(
        66,
        "empty.sandbox",
        Contract::None,
        200_000_000_000_000_000_000_000_000,
        full("B9wLuatWuZd2wj6jt6mUytfQxkD8ar8QYnwr1Y8BD8p3", 65_000_000),
    );
    put(
        68,
        "local.sandbox",
        local(&tiny),
        199_999_936_045_311_303_500_000_000,
        full("2A31MZkNcFDYkFRQ6UuxpLTDqdzDoWG8ivKsqLtwKRxR", 68_000_001),
    );
    put(
        71,
        "nometa.sandbox",
        local(&nometa),
        199_999_941_092_297_473_600_000_000,
        full("2k3uVih4Zqj3wgHwvU6aor3qgkLnd1s7Stmcbarb8Lhz", 71_000_001),
    );
    put(
        74,
        "owner.sandbox",
        Contract::None,
        199_847_971_202_005_451_900_000_000,
        full("CEx5Cxfz2Jv8xyD1iXoT1bNfMx9EWXsnEQ8977KfdCNf", 74_000_002),
    );
    put(
        77,
        "byhash.sandbox",
        Contract::GlobalByHash(by_hash),
        199_999_941_206_514_982_400_000_000,
        full("Bt7qAtMVV9vZXx6adxsKqUCx4ENSHzKTU2zMKSytftzH", 77_000_001),
    );
    put(
        80,
        "byaccount.sandbox",
        Contract::GlobalByAccount("owner.sandbox".into()),
        199_999_941_342_148_274_100_000_000,
        full("5SEPrn8QpK11d6wJBFkPeXCPzNaJMwd6Lwb8bBytdyA1", 80_000_001),
    );
    put(83, "locked.sandbox", local(&tiny), 199_999_895_444_086_303_500_000_000, vec![]);
    let mut keys = full("DsEN6wS3eXixE1ps7qsggSBKRefEwXB81a3mGWA56Aqi", 86_000_002);
    keys.push(Key {
        public_key: "ed25519:FgFu4BGDkYtbeu3LiTnWA3SBLiVYizBGtrk98pmHqxE9".into(),
        nonce: 141_000_000,
        permission: Permission::FunctionCall {
            allowance: Some(10u128.pow(24)),
            receiver_id: "local.sandbox".into(),
            method_names: vec!["noop".into()],
        },
    });
    put(86, "fckey.sandbox", local(&tiny), 199_999_893_987_960_972_500_000_000, keys);
    let keys = full("C6J29fJAtE1WLdr3qodVcR6vggsJCBMLuGEWUyDZqUhp", 89_000_002);
    put(89, "redeployed.sandbox", local(&tiny), 199_999_936_045_311_303_500_000_000, keys.clone());
    put(166, "redeployed.sandbox", local(&tiny2), 199_999_872_026_375_258_300_000_000, keys);
    let keys = full("GHtwAJyBocmJ6qiznrNyQiHkYbXi2V6ZmpbiFdV1tmCS", 3_221_000_002);
    put(3221, "upgraded.sandbox", local(&tiny), 199_999_936_045_311_303_500_000_000, keys.clone());
    put(3246, "upgraded.sandbox", local(&tiny2), 199_999_872_026_375_258_300_000_000, keys);
    chain.seed_deploy(Deploy {
        account_id: "upgraded.sandbox".into(),
        height: 3246,
        code_hash: Hash::of(&tiny2),
        tx_hash: Hash::parse("323Kmxhi155MkU6FgCn31btUiCTMm9h18Me8RpJjJReR")
            .expect("a recording is as it was recorded"),
        receipt_id: Hash::parse("9nKW5wnCGtj15YTH8zjHnAYTwDygHNPNHErZoTSC7LD")
            .expect("a recording is as it was recorded"),
        public_key: "ed25519:GHtwAJyBocmJ6qiznrNyQiHkYbXi2V6ZmpbiFdV1tmCS".into(),
        nonce: 3_221_000_002,
    });
    chain
}
