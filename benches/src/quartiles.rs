//! The middle of what was measured.

#[derive(Clone, Copy, Debug)]
pub struct Quartiles {
    pub lower: f64,
    pub median: f64,
    pub upper: f64,
}

impl Quartiles {
    /// Of numbers in any order; NaN if there are none.
    pub fn of(mut numbers: Vec<f64>) -> Quartiles {
        numbers.sort_unstable_by(f64::total_cmp);
        let last = numbers.len().saturating_sub(1);
        let quantile = |part| *numbers.get(part * last / 4).unwrap_or(&f64::NAN);
        Quartiles {
            lower: quantile(1),
            median: quantile(2),
            upper: quantile(3),
        }
    }
}
