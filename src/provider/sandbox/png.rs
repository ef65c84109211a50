//! A small PNG, drawn from a number: a symmetric figure in two colours, the same for the same number.

const SIZE: usize = 64;
const CELL: usize = 8;

/// Draws it: indexed colours, uncompressed.
pub(super) fn draw(seed: u64) -> Vec<u8> {
    let [red, green, blue, ..] = seed.to_be_bytes();
    let mut pixels = Vec::with_capacity((SIZE + 1) * SIZE);
    for row in 0..SIZE {
        pixels.push(0); // no filter
        for column in 0..SIZE {
            let (x, y) = (column / CELL, row / CELL);
            let mirrored = x.min(SIZE / CELL - 1 - x);
            pixels.push(u8::from(seed >> (y * 4 + mirrored) & 1 == 1));
        }
    }
    let mut header = Vec::new();
    for side in [SIZE, SIZE] {
        header.extend(u32::try_from(side).expect("small").to_be_bytes());
    }
    header.extend([8, 3, 0, 0, 0]); // eight bits, a palette, the usual methods, not interlaced

    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, *b"IHDR", &header);
    chunk(&mut file, *b"PLTE", &[250, 250, 250, red, green, blue]);
    chunk(&mut file, *b"IDAT", &stored(&pixels));
    chunk(&mut file, *b"IEND", &[]);
    file
}

/// A zlib stream of one stored block.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("a small picture");
    let mut stream = vec![0x78, 0x01, 1];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(data);
    let (low, high) = data.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

fn chunk(file: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).expect("a small picture").to_be_bytes());
    let body = [name.as_slice(), data].concat();
    file.extend(&body);
    file.extend(crc(&body).to_be_bytes());
}

fn crc(data: &[u8]) -> u32 {
    !data.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_sums_are_those_of_the_standards() {
        assert_eq!(crc(b"123456789"), 0xCBF4_3926);
        assert!(stored(b"Wikipedia").ends_with(&0x11E6_0398_u32.to_be_bytes()));
        assert_ne!(draw(1), draw(2));
    }
}
