//! The two primitives of the vault: XChaCha20-Poly1305 for sealing and wrapping, HMAC-SHA256 for deriving. Which key
//! seals what is not here.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;
/// Bytes of a nonce: long enough to be drawn at random for every message.
pub(super) const NONCE_BYTES: usize = 24;
/// Bytes of a block of SHA-256, to which HMAC fills up its key.
const BLOCK_BYTES: usize = 64;

/// A key, wiped from memory when it is no longer needed.
#[derive(Clone)]
pub(super) struct SecretKey(Zeroizing<[u8; KEY_BYTES]>);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl SecretKey {
    /// A key that `fill` draws.
    pub(super) fn draw(fill: &dyn Fn(&mut [u8])) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        fill(bytes.as_mut_slice());
        Self(bytes)
    }

    /// The key with these bytes, if there are as many as a key has.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        <[u8; KEY_BYTES]>::try_from(bytes).ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// Its bytes, to be wrapped.
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// A key of its own for a purpose.
    pub(super) fn derive(&self, purpose: &str) -> Self {
        Self(Zeroizing::new(self.mac(purpose)))
    }

    /// HMAC-SHA256 of a text under the key.
    pub(super) fn mac(&self, text: &str) -> [u8; KEY_BYTES] {
        let mut block = Zeroizing::new([0; BLOCK_BYTES]);
        block.iter_mut().zip(self.bytes()).for_each(|(to, from)| *to = *from);
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new((&*block).into());
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The nonce and the ciphertext of `plain`; opening needs the same `about`.
    pub(super) fn seal(&self, plain: &[u8], about: &str, fill: &dyn Fn(&mut [u8])) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        fill(&mut nonce);
        let cipher = XChaCha20Poly1305::new(<&Key>::from(&*self.0));
        let sealed = cipher.encrypt(<&XNonce>::from(&nonce), Payload { msg: plain, aad: about.as_bytes() }).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed with this key about the same, or `None`.
    pub(super) fn open(&self, sealed: &[u8], about: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let cipher = XChaCha20Poly1305::new(<&Key>::from(&*self.0));
        let plain = cipher.decrypt(<&XNonce>::from(nonce), Payload { msg: sealed, aad: about.as_bytes() });
        plain.ok().map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// Test case 2 of RFC 4231 has the key `Jefe`, which HMAC fills up with zeros as we do.
    #[test]
    fn the_mac_is_that_of_rfc_4231() {
        let key = SecretKey(Zeroizing::new(std::array::from_fn(|index| *b"Jefe".get(index).unwrap_or(&0))));
        let wanted = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(key.mac("what do ya want for nothing?").to_vec(), wanted);
    }

    /// The example of draft-irtf-cfrg-xchacha, A.3.1.
    #[test]
    fn the_cipher_is_that_of_the_published_example() {
        let key = SecretKey::from_slice(&(0x80..=0x9f).collect::<Vec<u8>>()).unwrap();
        let plain = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let sealed = key.seal(plain.as_bytes(), "", &|nonce| {
            nonce.iter_mut().zip(0x40_u8..).for_each(|(to, from)| *to = from);
        });
        // The published example has other associated data, which changes the tag and nothing before it.
        let (nonce, ciphertext) = sealed.as_deref().unwrap().split_at(NONCE_BYTES);
        assert_eq!(nonce, (0x40..=0x57).collect::<Vec<u8>>());
        assert_eq!(ciphertext[..16], hex("bd6d179d3e83d43b9576579493c0e939"));
        assert_eq!(key.open(sealed.as_deref().unwrap(), "").unwrap().as_slice(), plain.as_bytes());
    }

    #[test]
    fn nothing_opens_with_another_key_about_something_else_or_changed() {
        let fill = |bytes: &mut [u8]| bytes.fill(9);
        let key = SecretKey::draw(&fill);
        let mut sealed = key.seal(b"name", "a", &fill).unwrap();
        assert!(key.open(&sealed, "a").is_some());
        assert!(key.open(&sealed, "b").is_none());
        assert!(key.derive("other").open(&sealed, "a").is_none());
        sealed[30] ^= 1;
        assert!(key.open(&sealed, "a").is_none());
        assert!(key.open(&[], "a").is_none());
    }
}
