//! The commands that administer, as an operator types them: on the binary, with a database of its own.

use std::process::{Command, Output};

use crate::database;

/// The binary on one database.
struct Shell(database::Database);

impl Shell {
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_generative-gateway"));
        let command = command.args(arguments).env_remove("GATEWAY_CONFIG").current_dir(std::env::temp_dir());
        command.env("GATEWAY__DATABASE__URL", &self.0.url).output().unwrap()
    }

    /// What a command prints that succeeds.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (out, error) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {out}{error}");
        out.trim_end().to_owned()
    }

    /// What a command says that fails.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {}", text(&output.stdout));
        text(&output.stderr)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The cells of the first row that holds a word.
fn row<'a>(table: &'a str, word: &str) -> Vec<&'a str> {
    let line = table.lines().find(|line| line.contains(word)).unwrap_or_else(|| panic!("no {word} in\n{table}"));
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

#[tokio::test]
async fn projects_and_their_keys_are_made_listed_and_ended() {
    let shell = Shell(database::fresh().await);
    assert_eq!(shell.done(&["projects", "create", "Team Red"]), "team-red");
    assert!(shell.refused(&["projects", "create", "Team Red"]).contains("team-red"));
    let key = shell.done(&["keys", "create", "--project", "team-red", "--name", "ci", "--model", "sandbox/*"]);
    let id = key.split('_').nth(1).unwrap();
    assert!(key.starts_with("ggw_") && key.lines().count() == 1, "the key alone");
    assert_eq!(row(&shell.done(&["projects", "list"]), "team-red")[..3], ["team-red", "Team Red", "1"]);
    assert_eq!(row(&shell.done(&["keys", "list"]), id)[..5], [id, "team-red", "ci", "inference", "active"]);
    let rotated = shell.done(&["keys", "rotate", id]);
    assert!(rotated.starts_with(&format!("ggw_{id}_")) && rotated != key, "{rotated}");
    shell.done(&["keys", "revoke", id]);
    assert_eq!(row(&shell.done(&["keys", "list"]), id)[4], "revoked");
    assert!(shell.refused(&["keys", "revoke", "nobody"]).contains("there is no key `nobody`"));
}

#[tokio::test]
async fn budgets_are_made_listed_and_deleted() {
    let shell = Shell(database::fresh().await);
    shell.done(&["keys", "create", "--name", "first"]);
    let id = shell.done(&["budgets", "create", "12.5", "--window", "day", "--each-end-user", "--warn"]);
    assert!(id.starts_with("bud_"), "{id}");
    let table = shell.done(&["budgets", "list"]);
    let cells = row(&table, &id);
    assert!(cells.contains(&"each end user") && cells.contains(&"warn") && cells.contains(&"12.50"), "{table}");
    shell.done(&["budgets", "delete", &id]);
    assert!(!shell.done(&["budgets", "list"]).contains(&id));
    assert!(shell.refused(&["budgets", "create", "-1"]).contains("-1"));
    shell.refused(&["budgets", "create", "1", "--project", "nowhere"]);
}

#[tokio::test]
async fn aliases_are_set_listed_and_deleted() {
    let shell = Shell(database::fresh().await);
    assert_eq!(shell.done(&["aliases", "set", "house", "sandbox/echo"]), "house stands for sandbox/echo");
    assert_eq!(row(&shell.done(&["aliases", "list"]), "house"), ["house", "sandbox/echo", "cli"]);
    assert!(shell.done(&["models", "resolve", "house"]).starts_with("sandbox/echo (alias"));
    shell.done(&["aliases", "delete", "house"]);
    assert!(!shell.done(&["aliases", "list"]).contains("house"));
    shell.refused(&["aliases", "delete", "house"]);
}
