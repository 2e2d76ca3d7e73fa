//! The program itself, in processes of its own: what keeps it from starting.

use crate::support::Program;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_belongs_to_one_domain() {
    let program = Program::new().await;
    program.outloud(&["migrate"]).await;
    let output = program.command(&["migrate"]).env("OUTLOUD__DOMAIN", "localhost:1").output().await.unwrap();
    assert!(!output.status.success());
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(
        sentence.contains("localhost:1") && sentence.contains(&format!("localhost:{}", program.port)),
        "{sentence}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_key_stops_the_start_with_a_sentence() {
    let program = Program::new().await;
    let file = program.file("outloud.toml");
    std::fs::write(&file, "colour = \"blue\"\n").unwrap();
    let output = program.command(&["--config", file.to_str().unwrap(), "migrate"]).output().await.unwrap();
    assert!(!output.status.success());
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(sentence.contains("outloud.toml") && sentence.contains("colour"), "{sentence}");
    let output = program.command(&["migrate"]).env("OUTLOUD__COLOUR", "blue").output().await.unwrap();
    assert!(!output.status.success());
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(sentence.contains("OUTLOUD__COLOUR"), "{sentence}");
}
