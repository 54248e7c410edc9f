//! What the fuzz target for configuration files kept: each of them is read or refused, the same way each time.

use std::fs;
use std::path::Path;

use kube_assay::component::Document;

#[test]
fn what_fuzzing_found_stays_found() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/configurations");
    let mut read = 0;
    let mut refused = 0;
    for entry in fs::read_dir(&corpus).expect("it is kept") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("readable");
        let once = Document::parse("/config.yaml", &bytes);
        assert_eq!(format!("{once:?}"), format!("{:?}", Document::parse("/config.yaml", &bytes)), "{}", path.display());
        match once {
            Ok(_) => read += 1,
            Err(why) => {
                assert_eq!(why.subject, "/config.yaml", "{}", path.display());
                refused += 1;
            }
        }
    }
    assert!(read >= 10 && refused >= 10, "{read} are read and {refused} refused");
}
