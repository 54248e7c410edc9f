//! What pods ask for, by the Pod Security Standards.
