//! Rights: what an API server answered, and facts of our own.

mod authorizer;
mod held;
mod index;
mod made;
mod objects;
mod oracle;
mod question;
mod size;
mod who_can;
