//! Positions without a gap, the tree over them, and signed checkpoints, on SQLite and on PostgreSQL.

use crate::journal::{Chain, at, databases, signer};
use domain::ids::Hash;
use jiff::SignedDuration;
use store::tree::{Frontier, leaf_hash};
use store::{Checkpoint, SEALER_LEASE, Store, StoreConfig};

async fn seal_all(store: &Store) -> u64 {
    let mut sealed = 0;
    loop {
        match store.seal_batch("sealer", at(1_000), 100).await.unwrap() {
            0 => return sealed,
            count => sealed += count,
        }
    }
}

#[tokio::test]
async fn positions_have_no_gap_and_follow_the_versions_of_each_account() {
    for store in databases().await {
        let mut chains: Vec<Chain> = (0..20).map(Chain::new).collect();
        for round in 0..10 {
            for chain in &mut chains {
                chain.append(&store, 1 + round % 4, at(i64::try_from(round).unwrap())).await;
            }
            if round % 3 == 0 {
                store.seal_batch("sealer", at(1_000), 17).await.unwrap();
            }
        }
        seal_all(&store).await;
        let facts: usize = chains.iter().map(Chain::len).sum();
        let (mut after, mut seen, mut frontier) = (0, Vec::new(), Frontier::default());
        loop {
            let page = store.feed(after, 7).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.position;
            seen.extend(page);
        }
        assert_eq!(seen.len(), facts);
        for (index, entry) in seen.iter().enumerate() {
            assert_eq!(entry.position, u64::try_from(index).unwrap() + 1);
            frontier.push(leaf_hash(&entry.fact.hash.0));
        }
        for chain in &chains {
            let versions: Vec<_> =
                seen.iter().filter(|e| e.fact.account == chain.account).map(|e| e.fact.version).collect();
            assert_eq!(versions, (1..=u64::try_from(chain.len()).unwrap()).collect::<Vec<_>>());
        }
        let checkpoint = store.checkpoint(at(1_000), &signer(1)).await.unwrap().unwrap();
        assert_eq!((checkpoint.size, checkpoint.root), (frontier.size(), frontier.root()));
    }
}

#[tokio::test]
async fn one_worker_seals_until_its_lease_ends() {
    for store in databases().await {
        let mut chain = Chain::new(1);
        chain.append(&store, 1, at(0)).await;
        assert_eq!(store.seal_batch("a", at(0), 100).await.unwrap(), 1);
        chain.append(&store, 1, at(1)).await;
        assert_eq!(store.seal_batch("b", at(1), 100).await.unwrap(), 0, "a holds the lease");
        assert_eq!(store.seal_batch("a", at(1), 100).await.unwrap(), 1);
        chain.append(&store, 1, at(2)).await;
        assert_eq!(store.seal_batch("b", at(1) + SEALER_LEASE, 100).await.unwrap(), 1, "the lease has ended");
    }
}

#[tokio::test]
async fn two_sealers_at_once_never_give_a_position_twice() {
    for store in databases().await {
        let mut chain = Chain::new(1);
        for _ in 0..200 {
            chain.append(&store, 1, at(0)).await;
        }
        // Each finds the lease of the other ended, so that only the size guards.
        let late = |round: i64| at(0) + SignedDuration::from_hours(round);
        let mut sealed = 0;
        let mut round = 0;
        while sealed < 200 {
            let (a, b) =
                tokio::join!(store.seal_batch("a", late(2 * round), 7), store.seal_batch("b", late(2 * round + 1), 7));
            sealed += a.unwrap() + b.unwrap();
            round += 1;
            assert!(round < 200, "they stand in each other's way for ever");
        }
        let positions: Vec<_> = store.feed(0, 500).await.unwrap().iter().map(|entry| entry.position).collect();
        assert_eq!(positions, (1..=200).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_checkpoint_is_signed_when_there_is_something_new_and_its_time_never_goes_back() {
    for store in databases().await {
        let mut chain = Chain::new(1);
        assert_eq!(store.checkpoint(at(0), &signer(1)).await.unwrap(), None);
        assert_eq!(store.last_checkpoint().await.unwrap(), None);
        chain.append(&store, 3, at(100)).await;
        assert_eq!(store.checkpoint(at(100), &signer(1)).await.unwrap(), None, "what has no position is not covered");
        assert_eq!(seal_all(&store).await, 3);
        let first = store.checkpoint(at(50), &signer(1)).await.unwrap().unwrap();
        assert_eq!((first.size, first.at), (3, at(100)), "never before a fact that it covers");
        assert_eq!(store.checkpoint(at(101), &signer(1)).await.unwrap(), None);
        chain.append(&store, 1, at(100)).await;
        assert_eq!(seal_all(&store).await, 1);
        let second = store.checkpoint(at(10), &signer(1)).await.unwrap().unwrap();
        assert_eq!((second.size, second.at), (4, at(100)), "never before the checkpoint before it");
        let last = store.last_checkpoint().await.unwrap().unwrap();
        assert_eq!(last, second);
        assert_eq!(last.verify(&signer(1).verifying_key()), Ok(()));
        assert_ne!(Checkpoint::parse(&first.note).unwrap().root, last.root);
    }
}

#[tokio::test]
async fn a_store_that_is_opened_again_goes_on_sealing_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::new(format!("sqlite:{}", folder.path().join("borgen.db").display()));
    let mut chain = Chain::new(1);
    for round in 0..5 {
        let store = Store::open(&config).await.unwrap();
        chain.append(&store, 3, at(round)).await;
        assert_eq!(seal_all(&store).await, 3);
    }
    let store = Store::open(&config).await.unwrap();
    let mut frontier = Frontier::default();
    for hash in chain.hashes() {
        frontier.push(leaf_hash(&hash.0));
    }
    assert_eq!(store.checkpoint(at(9), &signer(1)).await.unwrap().map(|c| c.root), Some(frontier.root()));
    assert_ne!(frontier.root(), Hash::default());
}
