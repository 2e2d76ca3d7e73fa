//! Ed25519 keys and signatures in base 58, as Multikeys and proofs have them (W3C Controlled Identifiers 1.0).

/// What a text in base 58 begins with.
pub const BASE58: char = 'z';
/// What an Ed25519 public key begins with (multicodec `ed25519-pub`).
const ED25519: [u8; 2] = [0xed, 0x01];

/// A public key of 32 bytes as a Multikey.
pub fn encode(key: &[u8]) -> String {
    encode_bytes(&[&ED25519, key].concat())
}

/// The public key in a Multikey; nothing, when it is another kind of key.
pub fn decode(text: &str) -> Option<[u8; 32]> {
    decode_bytes(text, 34)?.strip_prefix(&ED25519)?.try_into().ok()
}

/// Bytes in multibase.
pub fn encode_bytes(bytes: &[u8]) -> String {
    format!("{BASE58}{}", bs58::encode(bytes).into_string())
}

/// Bytes from multibase, if they are as many as expected; longer texts cost nothing.
pub fn decode_bytes(text: &str, length: usize) -> Option<Vec<u8>> {
    let text = text.strip_prefix(BASE58)?;
    // A byte takes at most 1.4 digits of base 58.
    if text.len() > length * 7 / 5 + 1 {
        return None;
    }
    bs58::decode(text).into_vec().ok().filter(|bytes| bytes.len() == length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_read_and_written() {
        let text = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
        let key = decode(text).expect("a key");
        assert_eq!(encode(&key), text);
    }

    #[test]
    fn other_things_are_no_keys() {
        for text in ["", "z", "z6Mk", "u7QEJJIlasd", "z0OIl", &format!("z{}", "1".repeat(1000))] {
            assert!(decode(text).is_none(), "{text}");
        }
        // A key of another kind.
        assert!(decode(&encode_bytes(&[&[0xe7, 0x01][..], &[7; 32]].concat())).is_none());
    }
}
