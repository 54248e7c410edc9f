//! TLS at the load balancers of AWS.
//!
//! | what listens | is |
//! |---|---|
//! | TLS with a certificate | good |
//! | HTTP that redirects to HTTPS (`ssl-redirect`) | good |
//! | anything, inside of the network (`internal`) | good, noted |
//! | UDP, SCTP, and what is no load balancer of AWS | noted |
//! | TCP on a port of TLS without a certificate: it ends in the pod, which does not show | a person's to judge |
//! | TCP beside such a port or one with a certificate: the pod may redirect | a person's to judge |
//! | HTTP of an ingress with a redirect by an action, whose order decides | a person's to judge |
//! | other TCP and HTTP | an offender |

mod ingress;
mod service;

use probe::Reason;

use super::evidence::Evidence;
use super::verdict::{Verdict, seen};
use crate::Listed;
use crate::balancers::{Ingress, IngressClass, Service};
use crate::policy::{Judgement, Outcome, Seen};

/// Key of the control that [`load_balancer_tls`] judges.
pub(super) const LOAD_BALANCER_TLS: &str = "eks/load-balancer-tls";

/// What asks for load balancers.
#[derive(Debug, Clone, Default)]
pub struct Balancers {
    /// `services`.
    pub services: Listed<Service>,
    /// `ingresses.networking.k8s.io`.
    pub ingresses: Listed<Ingress>,
    /// `ingressclasses.networking.k8s.io`.
    pub classes: Listed<IngressClass>,
}

/// What is found of a listener.
#[derive(Debug)]
enum Listens {
    /// Without TLS.
    Plainly(Seen),
    /// In a way that only a person can judge.
    Unseen(Seen),
    /// As it should, or as nothing is asked of it.
    Well(Seen),
    /// In a way that is not known, for this reason.
    Unknown(Reason),
}

/// Load balancers that are reached from outside listen with TLS.
pub(super) fn load_balancer_tls(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::new(LOAD_BALANCER_TLS, evidence);
    let Balancers { services, ingresses, classes } = evidence.balancers;
    let mut is_unseen = false;
    let found = services.items.iter().flat_map(service::listeners).chain(ingress::listeners(&ingresses.items, classes));
    for listens in found {
        match listens {
            Listens::Plainly(seen) => verdict.offends(seen),
            Listens::Well(seen) => verdict.notes(seen),
            Listens::Unseen(seen) => {
                is_unseen = true;
                verdict.notes(seen);
            }
            Listens::Unknown(reason) => verdict.misses(Some(&reason)),
        }
    }
    verdict.misses(services.missing.as_ref());
    verdict.misses(ingresses.missing.as_ref());
    let judgement = verdict.judgement();
    if is_unseen && judgement.outcome == Outcome::Pass {
        return Judgement { outcome: Outcome::Manual, ..judgement };
    }
    judgement
}
