//! Sums over usage classes.

use super::Usage;

/// Nano-USD, as the books keep money, as the USD that messages tell.
pub fn usd(nano_usd: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to nine million dollars, and then to the micro-dollar")]
    let nano_usd = nano_usd as f64;
    nano_usd / 1e9
}

impl Usage {
    /// Everything on the input side: as reported, or the sum of its classes.
    pub fn input_total(&self) -> u32 {
        self.total_input_tokens.unwrap_or_else(|| {
            sum([
                self.input_tokens,
                self.cache_read_tokens,
                self.cache_write_tokens,
                self.cache_write_1h_tokens,
                self.audio_input_tokens,
                self.image_input_tokens,
            ])
        })
    }

    /// Everything on the output side: as reported, or the sum of its classes.
    pub fn output_total(&self) -> u32 {
        self.total_output_tokens.unwrap_or_else(|| {
            sum([self.output_tokens, self.reasoning_tokens, self.audio_output_tokens, self.image_output_tokens])
        })
    }
}

fn sum<const N: usize>(classes: [Option<u32>; N]) -> u32 {
    classes.into_iter().flatten().fold(0, u32::saturating_add)
}
