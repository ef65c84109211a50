//! Parses arguments, loads configuration, starts telemetry and runs until told to stop.

use std::process::ExitCode;

use clap::Parser as _;
use generative_gateway::{cli::Arguments, config, telemetry};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generative-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let loaded = config::load(arguments.config.as_deref(), &arguments.set)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // Within the runtime, because traces are sent from it.
        let _guard = telemetry::start(&loaded.config.telemetry)?;
        arguments.run(loaded).await
    })
}
