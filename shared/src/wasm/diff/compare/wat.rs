//! One function as lines of WebAssembly text, with what its numbers mean written in. Made when somebody asks for a
//! function, by hand, because a printer for whole modules is larger than the rest of the page.

use wasmparser::{BlockType, MemArg, Operator};

use super::body::{Tokens, memarg};
use super::context::Context;
use super::hash;
use super::names::Names;

/// Most lines of a function that are made.
pub(super) const MAX_LINES: usize = 20_000;
/// Longest text that is shown for an address.
const MAX_QUOTED: usize = 40;
/// Most targets of a branch table that are shown.
const MAX_TARGETS: usize = 32;
const INDENT_LIMIT: u16 = 200;

/// A line of text.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// How deep it stands.
    pub(super) depth: u16,
    /// Mnemonic, then immediates.
    pub(super) words: Vec<String>,
    /// Equal for lines that say the same, whatever the numbers.
    pub(super) key: u64,
    /// Index of the function that the second word names, if the module defines it.
    pub(super) calls: Option<u32>,
}

/// How the functions that a body calls are shown and told apart.
pub(super) trait Callees {
    /// Name to show, and a key that is the same for the same function of the other module.
    fn describe(&self, index: u32) -> (String, u64);
}

/// The head of a function: its name, type and locals.
pub(super) fn head(context: &Context, names: &Names, index: u32) -> String {
    let name = names.get(index).map_or_else(|| format!("function {index}"), str::to_owned);
    let ty = context.module.type_of_function(index).map_or_else(|| "(func)".to_owned(), ToString::to_string);
    format!("{name} {ty}")
}

/// The lines of the function with this index among the defined ones. Cut at [`MAX_LINES`].
pub(super) fn lines(context: &Context, function: usize, callees: &dyn Callees) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut depth: u16 = 0;
    let Ok(operators) = context.body(function).get_operators_reader() else { return lines };
    for operator in operators.into_iter().map_while(Result::ok).take(MAX_LINES) {
        if matches!(operator, Operator::End | Operator::Else) {
            depth = depth.saturating_sub(1);
        }
        let (words, key) = describe(context, &operator, callees);
        lines.push(Line {
            depth,
            words,
            key,
            calls: function_of(&operator).filter(|index| *index >= context.imported),
        });
        let opens =
            matches!(operator, Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::Else);
        if opens && depth < INDENT_LIMIT {
            depth += 1;
        }
    }
    lines
}

/// The function that an operator names.
fn function_of(operator: &Operator) -> Option<u32> {
    match operator {
        Operator::Call { function_index }
        | Operator::ReturnCall { function_index }
        | Operator::RefFunc { function_index } => Some(*function_index),
        _ => None,
    }
}

fn describe(context: &Context, operator: &Operator, callees: &dyn Callees) -> (Vec<String>, u64) {
    let mut words = vec![mnemonic(operator)];
    let mut keys = vec![hash::bytes(words[0].as_bytes())];
    let mut word = |text: String| {
        keys.push(hash::bytes(text.as_bytes()));
        words.push(text);
    };
    if let Some(function) = function_of(operator) {
        let (name, key) = callees.describe(function);
        words.push(name);
        keys.push(key);
        return (words, hash::words(&keys));
    }
    match operator {
        Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => match blockty {
            BlockType::Empty => {}
            BlockType::Type(ty) => word(format!("(result {ty})")),
            BlockType::FuncType(ty) => word(context.type_text(*ty)),
        },
        Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => word(relative_depth.to_string()),
        Operator::BrTable { targets } => {
            let all = targets.targets().map_while(Result::ok).chain([targets.default()]);
            let (mut every, mut count) = (hash::Hash::new(), 0);
            for target in all {
                every.word(target.into());
                count += 1;
                if count <= MAX_TARGETS {
                    word(target.to_string());
                }
            }
            if count > MAX_TARGETS {
                word(format!("(; and {} more, {:08x} ;)", count - MAX_TARGETS, every.finish() as u32));
            }
        }
        Operator::CallIndirect { type_index, table_index }
        | Operator::ReturnCallIndirect { type_index, table_index } => {
            word(context.type_text(*type_index));
            if *table_index > 0 {
                word(table_index.to_string());
            }
        }
        Operator::LocalGet { local_index }
        | Operator::LocalSet { local_index }
        | Operator::LocalTee { local_index } => word(local_index.to_string()),
        Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
            words.push(global_index.to_string());
            keys.push(context.global(*global_index));
        }
        Operator::I32Const { value } => number(context, *value as u32 as u64, value.to_string(), &mut words, &mut keys),
        Operator::I64Const { value } => number(context, *value as u64, value.to_string(), &mut words, &mut keys),
        Operator::F32Const { value } => word(format!("{:e}", f32::from_bits(value.bits()))),
        Operator::F64Const { value } => word(format!("{:e}", f64::from_bits(value.bits()))),
        other => {
            if let Some(MemArg { align, offset, .. }) = memarg(other) {
                if offset > 0 {
                    number(context, offset, format!("offset={offset}"), &mut words, &mut keys);
                }
                words.push(format!("align={}", 1u64.checked_shl(align.into()).unwrap_or_default()));
                keys.push(align.into());
            }
        }
    }
    (words, hash::words(&keys))
}

/// A number; where it is an address, with the text there, and a key of what is there.
fn number(context: &Context, value: u64, text: String, words: &mut Vec<String>, keys: &mut Vec<u64>) {
    if !context.is_address(value) {
        keys.push(hash::bytes(text.as_bytes()));
        words.push(text);
        return;
    }
    words.push(text);
    let data = context.data_at(value);
    let data = &data[..data.len().min(MAX_QUOTED)];
    let printable = data.iter().take_while(|byte| (b' '..=b'~').contains(byte)).count();
    if printable >= 4 {
        words.push(format!("(; {} ;)", String::from_utf8_lossy(&data[..printable])));
        keys.push(hash::bytes(&data[..printable]));
    } else {
        keys.push(super::numbers::BLANK);
    }
}

macro_rules! visitor_names {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        fn visitor(operator: &Operator) -> &'static str {
            match operator {
                $(Operator::$op { .. } => stringify!($visit),)*
                _ => "visit_unknown",
            }
        }
    };
}
wasmparser::for_each_operator!(visitor_names);

/// The mnemonic of an operator, made of the name of its visitor: `visit_i32_load8_u` → `i32.load8_u`.
fn mnemonic(operator: &Operator) -> String {
    let name = visitor(operator).trim_start_matches("visit_");
    const PREFIXES: [&str; 11] =
        ["i32", "i64", "f32", "f64", "local", "global", "memory", "table", "ref", "data", "elem"];
    match name.split_once('_') {
        _ if name == "typed_select" => "select".to_owned(),
        Some((prefix, rest)) if PREFIXES.contains(&prefix) => format!("{prefix}.{rest}"),
        _ => name.to_owned(),
    }
}

/// Whether the body could be read to its end.
pub(super) fn is_whole(context: &Context, function: usize) -> bool {
    let mut tokens = Tokens::of(context.body(function));
    let count = tokens.by_ref().count();
    count <= MAX_LINES && !tokens.malformed()
}
