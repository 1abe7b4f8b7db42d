//! The PayDunya CRM SMS API in memory.
