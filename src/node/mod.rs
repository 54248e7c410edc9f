//! Sources of answers about a node.
//!
//! - [`Live`]: this machine, or one whose file system and proc are mounted here.
//! - [`Disk`]: the file system of a node that is not running.
//! - [`Recorded`]: a node recorded in a file.
//! - [`Remembered`]: wraps any of them and asks each question once; [`record`] writes down the answers it remembers.
//! - [`Watch`]: ensures that a run never waits for any of them indefinitely.
//!
//! Nothing here writes, starts a process (except [`Live::allow_programs`], [`run_program`] and [`run_shell`], which the
//! user must allow), or follows a path out of a root.

mod accounts;
mod budget;
mod descriptors;
mod disk;
mod errors;
mod execute;
mod held;
mod launcher;
mod limits;
mod live;
mod looked_at;
mod memory;
mod name_services;
mod open_error;
mod own_proc;
mod privileges;
mod proc_mount;
mod processes;
mod programs;
mod recorded;
mod recording;
mod root;
mod shell;
mod subject;
mod tread;
mod view;
mod watch;

pub use budget::Budget;
pub use descriptors::reserve_descriptors;
pub use disk::Disk;
pub use launcher::{Launcher, launch};
pub use limits::MOST_BYTES;
pub use live::{Live, LiveOptions};
pub use looked_at::{is_looked_at, look_at};
pub use memory::Remembered;
pub use open_error::OpenError;
pub use privileges::is_root;
pub use programs::{is_executable, program_on_path, run_program};
pub use recorded::Recorded;
pub use recording::{Kept, Recording, RecordingError, record};
pub use shell::{ShellLimits, ShellRun, run_shell};
pub use view::refuse_other_processes;
pub use watch::{
    Delivery, Limits, Stuck, Watch, commit, delivered, delivery, printing, reading, remarks, time_left, writing,
};
