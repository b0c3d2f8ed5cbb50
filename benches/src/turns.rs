//! Contenders in turns: all of them in one order, then all in another one.

/// The orders of so many contenders.
pub struct Turns {
    order: Vec<usize>,
    random: u64,
}

impl Turns {
    pub fn new(contenders: usize) -> Turns {
        Turns {
            order: (0..contenders).collect(),
            random: 1,
        }
    }

    /// What a contender leaves in the caches is for another one in every round.
    pub fn next_order(&mut self) -> &[usize] {
        let random = &mut self.random;
        // Any order (Fisher and Yates; xorshift by Marsaglia).
        for last in (1..self.order.len()).rev() {
            *random ^= *random << 13;
            *random ^= *random >> 7;
            *random ^= *random << 17;
            let other = (*random % (last as u64 + 1)) as usize;
            self.order.swap(last, other);
        }
        &self.order
    }
}
