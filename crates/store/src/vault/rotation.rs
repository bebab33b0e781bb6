//! Exchanging the master key: every key is wrapped anew, nothing that was sealed changes. It can be broken off at any
//! point; the vault then opens with the new master key, reads everything, and the same call goes on.

use super::error::VaultError;
use super::keys::Moving;
use super::master::{KeyName, Master, MasterKey};
use super::{Masters, Vault, locked};
use crate::error::StoreError;

/// Keys that are wrapped anew in one write.
const MAX_KEYS_PER_WRITE: u32 = 500;

impl Vault {
    /// Puts a new master key in force and wraps every key by it; says how many were wrapped. From its first write on the
    /// former master key adds and opens nothing in other processes: they have to be started anew with the new one.
    pub async fn rotate_master(&self, next: &Master) -> Result<u64, VaultError> {
        let next = next.read()?;
        let mut moved = self.move_keys().await?;
        let current = locked(&self.inner.masters).current.clone();
        if next.id() != current.id() {
            let wrapped = next.wrap_former(&current, &*self.inner.randomness)?;
            {
                // Who finds a key that neither master opens waits here, and looks again.
                let _exchange = self.inner.exchange.lock().await;
                if !self.inner.keys.next_master(current.id(), next.id(), wrapped).await? {
                    return Err(VaultError::Retired);
                }
                *locked(&self.inner.masters) = Masters { current: next, former: Some(current) };
            }
            moved = moved.saturating_add(self.move_keys().await?);
        }
        Ok(moved)
    }

    /// True while keys may still be wrapped by a former master key: an exchange was broken off.
    #[must_use]
    pub fn is_rotating(&self) -> bool {
        locked(&self.inner.masters).former.is_some()
    }

    /// Moves what the former master key still wraps to the one in force, and forgets the former.
    async fn move_keys(&self) -> Result<u64, VaultError> {
        let Masters { current, former: Some(former) } = locked(&self.inner.masters).clone() else { return Ok(0) };
        let mut moved = 0_u64;
        loop {
            let page = self.inner.keys.under(former.id(), MAX_KEYS_PER_WRITE).await?;
            if page.is_empty() {
                break;
            }
            moved = moved.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
            let page =
                page.into_iter().map(|key| self.wrapped_anew(key, &former, &current)).collect::<Result<_, _>>()?;
            self.inner.keys.rewrap(page, former.id(), current.id()).await?;
        }
        self.inner.keys.forget_former(former.id()).await?;
        locked(&self.inner.masters).former = None;
        self.inner.keys.purge().await?;
        Ok(moved)
    }

    fn wrapped_anew(&self, key: Moving, from: &MasterKey, to: &MasterKey) -> Result<Moving, VaultError> {
        let name = KeyName { account: key.account, class: &key.class, version: key.version };
        let damaged =
            || StoreError::Damaged(format!("key {} of account {} can't be unwrapped", key.version, key.account));
        let plain = from.unwrap(&key.wrapped, &name).ok_or_else(damaged)?;
        let wrapped = to.wrap(&plain, &name, &*self.inner.randomness)?;
        Ok(Moving { wrapped, ..key })
    }
}
