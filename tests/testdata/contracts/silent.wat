;; A contract that says nothing about where it comes from: no NEP-330 metadata.
(module
  (import "env" "value_return" (func $value_return (param i64 i64)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\"trust me\"")
  (func (export "get")
    (call $value_return (i64.const 10) (i64.const 16))))
