//! Any bytes in place of a policy file: taken, or refused with a place within the file.

use policy::Bundle;

/// One run: the first byte says which file is replaced.
pub(crate) fn run(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let mut files = Bundle::embedded().files().clone();
    let names: Vec<String> = files.keys().cloned().collect();
    let Some(name) = names.get(usize::from(*which) % names.len()) else { return };
    files.insert(name.clone(), rest.to_vec());
    let Ok(bundle) = Bundle::of(files) else { return };
    // YAML breaks lines at a lone carriage return as well.
    let lines = rest.split(|byte| matches!(byte, b'\n' | b'\r')).count();
    match bundle.check() {
        Ok(checked) => assert_eq!(checked.policy.hash, bundle.hash()),
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems.iter().filter(|problem| problem.file == *name) {
                assert!(problem.line >= 1 && problem.column >= 1 && problem.line <= lines + 1, "{problem:?}");
            }
        }
    }
}
