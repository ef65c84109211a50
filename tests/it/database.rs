//! A fresh database for each test: a SQLite file, or PostgreSQL where `GATEWAY_TEST_DATABASE=postgres` says so.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use generative_gateway::{config::Durability, store::Store};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, Statement, TransactionTrait};
use tempfile::TempDir;

/// A database of its own, with all tables. A SQLite file goes when this goes.
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) url: String,
    _directory: Option<TempDir>,
}

/// A database that no other test sees.
pub(crate) async fn fresh() -> Database {
    let (url, directory) = match is_postgres() {
        true => (server().create_database(), None),
        false => {
            let directory = tempfile::tempdir().unwrap();
            (format!("sqlite://{}?mode=rwc", directory.path().join("gateway.db").display()), Some(directory))
        }
    };
    let store = Store::connect(&url, Durability::Process).await.unwrap();
    store.migrate().await.unwrap();
    Database { store, url, _directory: directory }
}

impl Database {
    /// The same database as another process would open it.
    pub(crate) async fn connect_again(&self) -> Store {
        Store::connect(&self.url, Durability::Process).await.unwrap()
    }

    /// A connection for SQL that the store has no method for.
    pub(crate) async fn sql(&self) -> Sql {
        Sql(sea_orm::Database::connect(&self.url).await.unwrap())
    }
}

/// Plain SQL.
pub(crate) struct Sql(DatabaseConnection);

impl Sql {
    /// Runs a statement.
    pub(crate) async fn run(&self, sql: &str) {
        self.0.execute_unprepared(sql).await.unwrap();
    }

    /// Waits until a query counts something, never for a time: the minute only turns a hang into a failure.
    pub(crate) async fn until_some(&self, sql: &str) {
        let counted = async { while self.number(sql).await == 0 {} };
        tokio::time::timeout(Duration::from_secs(60), counted).await.unwrap_or_else(|_| panic!("{sql} stays 0"));
    }

    /// A transaction that stays open until it is dropped.
    pub(crate) async fn begin(&self) -> DatabaseTransaction {
        self.0.begin().await.unwrap()
    }

    /// The only row of a query, whose columns are whole numbers.
    pub(crate) async fn numbers(&self, sql: &str) -> Vec<i64> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let row = self.0.query_one_raw(statement).await.unwrap().unwrap();
        (0..row.column_names().len()).map(|at| row.try_get_by_index(at).unwrap()).collect()
    }

    /// The only number of a query.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.numbers(sql).await[0]
    }
}

pub(crate) fn is_postgres() -> bool {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration but this")]
    let chosen = std::env::var("GATEWAY_TEST_DATABASE");
    chosen.is_ok_and(|chosen| chosen == "postgres")
}

/// PostgreSQL, started once a process.
struct Server {
    programs: PathBuf,
    directory: PathBuf,
    databases: AtomicU32,
    /// Its end, also by the end of this process, is what stops the server.
    _lifeline: ChildStdin,
    _child: Child,
}

const SCRIPT: &str = r#"
set -e
"$1/initdb" -D "$2/data" -A trust -U postgres -E UTF8 --locale=C --no-sync >"$2/log"
"$1/pg_ctl" -D "$2/data" -l "$2/log" -w -o "-k $2 -c listen_addresses= -c fsync=off -c max_connections=500" start >>"$2/log"
echo ready
cat >/dev/null || true
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null
rm -rf "$2"
"#;

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let programs = programs();
        let directory = tempfile::Builder::new().prefix("gateway-postgres-").tempdir().unwrap().keep();
        let mut command = unprivileged(&directory);
        command.arg("sh").args(["-c", SCRIPT, "sh"]).arg(&programs).arg(&directory).current_dir("/");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "ready\n", "{}", std::fs::read_to_string(directory.join("log")).unwrap_or_default());
        let lifeline = child.stdin.take().unwrap();
        Server { programs, directory, databases: AtomicU32::new(0), _lifeline: lifeline, _child: child }
    })
}

impl Server {
    /// Makes an empty database and returns its URL.
    fn create_database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let made = Command::new(self.programs.join("psql"))
            .args(["-q", "-U", "postgres", "-d", "postgres", "-c", &format!("CREATE DATABASE {name}"), "-h"])
            .arg(&self.directory)
            .status()
            .unwrap();
        assert!(made.success());
        format!("postgres://postgres@localhost/{name}?host={}", self.directory.display())
    }
}

/// Where Debian, or the path, has PostgreSQL's programs.
fn programs() -> PathBuf {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = debian.map(|version| version.path().join("bin")).collect();
    found.sort();
    #[expect(clippy::disallowed_methods, reason = "this is how programs are found")]
    let path = std::env::var("PATH").unwrap_or_default();
    found
        .into_iter()
        .rev()
        .chain(path.split(':').map(PathBuf::from))
        .find(|place| place.join("initdb").exists())
        .expect(
            "PostgreSQL is not installed: install the package `postgresql`, or unset GATEWAY_TEST_DATABASE for SQLite",
        )
}

/// PostgreSQL refuses to run as root, so root becomes nobody, who gets the directory.
fn unprivileged(directory: &Path) -> Command {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata(directory).unwrap().uid() != 0 {
        return Command::new("env");
    }
    assert!(Command::new("chown").arg("nobody").arg(directory).status().unwrap().success());
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]);
    command
}
