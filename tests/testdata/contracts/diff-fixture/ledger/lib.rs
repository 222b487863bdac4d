//! The fixture's dependency, in two versions.

/// Adds, or panics.
#[inline(never)]
pub fn add(sum: u128, amount: u128) -> u128 {
    sum.checked_add(amount).expect("the sum is too large")
}

/// Takes away, or panics.
#[cfg(not(ledger = "0.2.0"))]
#[inline(never)]
pub fn take(sum: u128, amount: u128) -> u128 {
    assert!(sum >= amount, "{sum} is less than {amount}");
    sum - amount
}

/// Takes away, or panics; since 0.2.0 nothing remains of dust.
#[cfg(ledger = "0.2.0")]
#[inline(never)]
pub fn take(sum: u128, amount: u128) -> u128 {
    assert!(sum >= amount, "only {sum}, which is less than {amount}");
    let rest = sum - amount;
    if rest < 10 { 0 } else { rest }
}

/// Digits in groups of three.
#[inline(never)]
pub fn grouped(amount: u128) -> String {
    let digits = amount.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push('_');
        }
        text.push(digit);
    }
    text
}
