//! Chance that is the same every time.

/// Numbers that look random and are the same every time.
pub struct Dice(u64);

impl Dice {
    pub fn new() -> Self {
        Self(0x2545_f491_4f6c_dd1d)
    }

    /// Dice of the seed in `OUTLOUD_TEST_SEED`; which one it is stands in what a failed test printed.
    #[expect(clippy::disallowed_methods, reason = "says which of many long runs this is")]
    pub fn of_this_run() -> Self {
        let seed = std::env::var("OUTLOUD_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or(Self::new().0);
        println!("OUTLOUD_TEST_SEED={seed}");
        Self(seed.max(1))
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    /// Up to `most` pieces, one after the other.
    pub fn text(&mut self, pieces: &[&str], most: usize) -> String {
        let length = 1 + self.below(most);
        (0..length).map(|_| pieces[self.below(pieces.len())]).collect()
    }
}
