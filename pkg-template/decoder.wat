;; The loop of decoded.js, which would be interpreted in JavaScript and take several times as long: it runs once, for
;; as many steps as there are bytes.
;;
;; In its memory stand 3 * 128 bytes, what a character stands for: one that stands alone, one after `}`, one after `~`. Then
;; the text.
(module
  (memory (export "memory") 1)
  ;; Writes the bytes of a text over the text, and tells where they end: a byte never takes less than a character.
  (func (export "decode") (param $from i32) (param $end i32) (result i32)
    (local $to i32)
    (local $place i32)
    (local.set $to (local.get $from))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $place (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (if (i32.ge_u (local.get $place) (i32.const 125))
          (then
            (local.set $place
              (i32.add
                (i32.mul (i32.sub (local.get $place) (i32.const 124)) (i32.const 128))
                (i32.load8_u (local.get $from))))
            (local.set $from (i32.add (local.get $from) (i32.const 1)))))
        (i32.store8 (local.get $to) (i32.load8_u (local.get $place)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $next)))
    (local.get $to)))
