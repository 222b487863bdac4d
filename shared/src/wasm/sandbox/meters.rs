//! What the copy has besides the module's own: two globals, two types, and the functions that keep its meters. They come
//! after everything of the module's own, and a module that names one of them is refused first (`wasm::node`).

use super::super::Module;
use super::super::node::MAX_STACK_HEIGHT;
use super::MARK_STACK;
use super::rewrite::{more, write_i32, write_u32};

/// A function, which takes an `i32`.
#[derive(Clone, Copy)]
pub(super) enum Meter {
    /// Takes so many steps, and ends the run where fewer are left.
    Spend,
    /// Takes the steps for a length in bytes, and gives the length back.
    SpendBytes,
    /// Takes the steps for a number of elements of the table, and gives it back.
    SpendElements,
    /// Takes so many bytes of stack, and the steps for making them zero, and ends the run where fewer are left.
    Enter,
    /// Gives bytes of stack back.
    Leave,
    /// Ends the run with that mark.
    Stop,
}

pub(super) const METERS: [Meter; 6] =
    [Meter::Spend, Meter::SpendBytes, Meter::SpendElements, Meter::Enter, Meter::Leave, Meter::Stop];
/// Bytes of memory, and of stack, in one step: 2 to that power.
const BYTES_SHIFT: u8 = 3;
const STACK_SHIFT: u8 = 6;
/// Steps for an element, 2 to that power: browsers take some 50 ns for one.
const ELEMENTS_SHIFT: u8 = 2;

/// Where they stand in the copy.
#[derive(Clone, Copy)]
pub(super) struct Meters {
    types: u32,
    functions: u32,
    stack: u32,
    /// The global that is a mark once the run was ended, and until then the number of steps that are left.
    pub(super) mark: u32,
}

impl Meters {
    pub(super) fn new(module: &Module<'_>) -> Meters {
        let stack = module.globals().len() as u32;
        Meters {
            types: module.types.len() as u32,
            functions: module.all_function_count() as u32,
            stack,
            mark: stack + 1,
        }
    }

    /// Calls one of them with `value`.
    pub(super) fn call(self, body: &mut Vec<u8>, meter: Meter, value: i32) {
        body.push(0x41);
        write_i32(body, value);
        self.call_with_what_is_there(body, meter);
    }

    /// Calls one of them with the operand that is on top.
    pub(super) fn call_with_what_is_there(self, body: &mut Vec<u8>, meter: Meter) {
        body.push(0x10);
        write_u32(body, self.functions + meter as u32);
    }

    /// The type section with `(i32) -> ()` and `(i32) -> (i32)`.
    pub(super) fn types(content: &[u8]) -> Vec<u8> {
        let mut section = more(content, 2);
        section.extend([0x60, 1, 0x7f, 0, 0x60, 1, 0x7f, 1, 0x7f]);
        section
    }

    /// The function section.
    pub(super) fn functions(self, content: &[u8]) -> Vec<u8> {
        let mut section = more(content, METERS.len());
        for meter in METERS {
            let gives = matches!(meter, Meter::SpendBytes | Meter::SpendElements);
            write_u32(&mut section, self.types + u32::from(gives));
        }
        section
    }

    /// The global section.
    pub(super) fn globals(content: &[u8], steps: i32) -> Vec<u8> {
        let mut section = more(content, 2);
        for first in [MAX_STACK_HEIGHT as i32, steps] {
            section.extend([0x7f, 1, 0x41]);
            write_i32(&mut section, first);
            section.push(0x0b);
        }
        section
    }

    /// The functions, which follow the module's own.
    pub(super) fn code(self, section: &mut Vec<u8>) {
        for meter in METERS {
            let body = self.body(meter);
            write_u32(section, body.len() as u32);
            section.extend(body);
        }
    }

    fn body(self, meter: Meter) -> Vec<u8> {
        let mut body = vec![0];
        let global = |body: &mut Vec<u8>, operator: u8, index: u32| {
            body.push(operator);
            write_u32(body, index);
        };
        match meter {
            // `mark = n = mark - n; if (n < 0) unreachable`
            Meter::Spend => {
                global(&mut body, 0x23, self.mark);
                body.extend([0x20, 0, 0x6b, 0x22, 0]);
                global(&mut body, 0x24, self.mark);
                body.extend([0x20, 0, 0x41, 0, 0x48, 0x04, 0x40, 0x00, 0x0b]);
            }
            // `spend(n >>> shift); n`
            Meter::SpendBytes => {
                body.extend([0x20, 0, 0x41, BYTES_SHIFT, 0x76]);
                self.call_with_what_is_there(&mut body, Meter::Spend);
                body.extend([0x20, 0]);
            }
            // `spend((n & 0x3fff) << shift); n`: no table has as many, and what asks for more moves none.
            Meter::SpendElements => {
                body.extend([0x20, 0, 0x41, 0xff, 0xff, 0x00, 0x71, 0x41, ELEMENTS_SHIFT, 0x74]);
                self.call_with_what_is_there(&mut body, Meter::Spend);
                body.extend([0x20, 0]);
            }
            // `spend(n >>> shift); if (stack <u n) stop(mark); stack = stack - n`
            Meter::Enter => {
                body.extend([0x20, 0, 0x41, STACK_SHIFT, 0x76]);
                self.call_with_what_is_there(&mut body, Meter::Spend);
                global(&mut body, 0x23, self.stack);
                body.extend([0x20, 0, 0x49, 0x04, 0x40]);
                self.call(&mut body, Meter::Stop, MARK_STACK);
                body.push(0x0b);
                global(&mut body, 0x23, self.stack);
                body.extend([0x20, 0, 0x6b]);
                global(&mut body, 0x24, self.stack);
            }
            // `stack = stack + n`
            Meter::Leave => {
                global(&mut body, 0x23, self.stack);
                body.extend([0x20, 0, 0x6a]);
                global(&mut body, 0x24, self.stack);
            }
            // `mark = n; unreachable`
            Meter::Stop => {
                body.extend([0x20, 0]);
                global(&mut body, 0x24, self.mark);
                body.push(0x00);
            }
        }
        body.push(0x0b);
        body
    }
}
