//! Programs made up at random, written as modules in any order of their functions, types, table slots and data.

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, MemArg, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};

/// Where the data begins, as rustc has it.
const DATA: u32 = 1 << 20;

/// Numbers that look random and are the same in every run.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % sides
    }

    /// The numbers below `count` in some order.
    pub(crate) fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for at in (1..count).rev() {
            order.swap(at, self.roll(at + 1));
        }
        order
    }
}

/// One operator of a made-up function; every one leaves nothing on the stack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Op {
    Constant(i32),
    Call(usize),
    Host,
    Slot(usize),
    Text(usize),
    Load(usize),
    Indirect(usize),
    Global,
    Block,
}

/// A made-up program: functions, which types they have, texts in memory.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) functions: Vec<(usize, Vec<Op>)>,
    /// Functions in the table, in order.
    slots: Vec<usize>,
    texts: Vec<String>,
}

/// The types: this many parameters of i32, and no result.
const TYPES: usize = 4;

/// In which order things are written. Each is a list of what comes first, second, and so on.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) functions: Vec<usize>,
    pub(crate) types: Vec<usize>,
    pub(crate) slots: Vec<usize>,
    pub(crate) texts: Vec<usize>,
}

impl Program {
    pub(crate) fn random(dice: &mut Dice) -> Program {
        let (functions, texts) = (8 + dice.roll(60), 3 + dice.roll(20));
        let slots: Vec<usize> = dice.order(functions)[..4].to_vec();
        let texts: Vec<String> =
            (0..texts).map(|at| format!("text number {at}: {:0>width$}", dice.roll(1000), width = 3 + at)).collect();
        let body = |dice: &mut Dice, at: usize| {
            // Unlike all constants, slots and addresses that stand elsewhere, so that no two functions are the same.
            let mut body = vec![Op::Constant(2_000_000 + at as i32)];
            for _ in 0..4 + dice.roll(30) {
                body.push(match dice.roll(9) {
                    0 => Op::Call(dice.roll(functions)),
                    1 => Op::Host,
                    2 => Op::Slot(dice.roll(slots.len())),
                    3 => Op::Text(dice.roll(texts.len())),
                    4 => Op::Load(dice.roll(texts.len())),
                    5 => Op::Indirect(dice.roll(TYPES)),
                    6 => Op::Global,
                    7 => Op::Block,
                    _ => Op::Constant(3_000_000 + dice.roll(1_000_000) as i32),
                });
            }
            body
        };
        let mut functions: Vec<(usize, Vec<Op>)> =
            (0..functions).map(|at| (dice.roll(TYPES), body(dice, at))).collect();
        // Every text is referred to, as everything that a linker keeps is.
        functions[0].1.extend((0..texts.len()).map(Op::Text));
        Program { functions, slots, texts }
    }

    /// Everything as it was made up.
    pub(crate) fn plain(&self) -> Layout {
        let all = |count: usize| (0..count).collect();
        Layout {
            functions: all(self.functions.len()),
            types: all(TYPES),
            slots: all(self.slots.len()),
            texts: all(self.texts.len()),
        }
    }

    /// Everything in some other order.
    pub(crate) fn shuffled(&self, dice: &mut Dice) -> Layout {
        Layout {
            functions: dice.order(self.functions.len()),
            types: dice.order(TYPES),
            slots: dice.order(self.slots.len()),
            texts: dice.order(self.texts.len()),
        }
    }

    /// The program as a module. Function 0 is exported; the one import comes before all functions.
    pub(crate) fn write(&self, layout: &Layout) -> Vec<u8> {
        let place = |order: &[usize], what: usize| order.iter().position(|at| *at == what).unwrap() as u32;
        let function = |what: usize| 1 + place(&layout.functions, what);
        let ty = |what: usize| 1 + place(&layout.types, what);
        let mut addresses = vec![0; self.texts.len()];
        let mut data = Vec::new();
        for at in &layout.texts {
            data.resize(data.len().next_multiple_of(4), 0);
            addresses[*at] = DATA + data.len() as u32;
            data.extend_from_slice(self.texts[*at].as_bytes());
        }
        let mut types = TypeSection::new();
        types.ty().function([ValType::I64], []);
        for parameters in &layout.types {
            types.ty().function(vec![ValType::I32; *parameters], []);
        }
        let mut imports = ImportSection::new();
        imports.import("env", "host", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for what in &layout.functions {
            let (of_type, body) = &self.functions[*what];
            functions.function(ty(*of_type));
            let mut written = Function::new([(1, ValType::I32)]);
            for op in body {
                self.op(&mut written.instructions(), *op, &function, &ty, &addresses, layout);
            }
            written.instructions().end();
            code.function(&written);
        }
        let mut tables = TableSection::new();
        let size = 1 + self.slots.len() as u64;
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: size,
            maximum: Some(size),
            shared: false,
        });
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 17,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut globals = GlobalSection::new();
        globals.global(
            GlobalType { val_type: ValType::I32, mutable: true, shared: false },
            &ConstExpr::i32_const(DATA as i32),
        );
        let mut exports = ExportSection::new();
        exports.export("run", ExportKind::Func, function(0));
        let mut elements = ElementSection::new();
        let slots: Vec<u32> = layout.slots.iter().map(|slot| function(self.slots[*slot])).collect();
        elements.active(None, &ConstExpr::i32_const(1), Elements::Functions(slots.into()));
        let mut segments = DataSection::new();
        segments.active(0, &ConstExpr::i32_const(DATA as i32), data);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
        module.section(&globals).section(&exports).section(&elements).section(&code).section(&segments);
        module.finish()
    }

    fn op(
        &self,
        sink: &mut wasm_encoder::InstructionSink,
        op: Op,
        function: &dyn Fn(usize) -> u32,
        ty: &dyn Fn(usize) -> u32,
        addresses: &[u32],
        layout: &Layout,
    ) {
        match op {
            Op::Constant(value) => sink.i32_const(value).drop(),
            Op::Call(callee) => {
                for _ in 0..self.functions[callee].0 {
                    sink.i32_const(7);
                }
                sink.call(function(callee))
            }
            Op::Host => sink.i64_const(9).call(0),
            Op::Slot(slot) => sink.i32_const(1 + layout.slots.iter().position(|at| *at == slot).unwrap() as i32).drop(),
            Op::Text(text) => sink.i32_const(addresses[text] as i32).drop(),
            Op::Load(text) => {
                let memarg = MemArg {
                    offset: addresses[text].into(),
                    align: 0,
                    target: wasm_encoder::MemArgTarget::Memory(0),
                    ordering: None,
                };
                sink.i32_const(0).i32_load8_u(memarg).drop()
            }
            Op::Indirect(of_type) => {
                for _ in 0..of_type {
                    sink.i32_const(7);
                }
                sink.local_get(0).call_indirect(0, ty(of_type))
            }
            Op::Global => sink.global_get(0).drop(),
            Op::Block => sink.block(wasm_encoder::BlockType::Empty).nop().end(),
        };
    }
}
