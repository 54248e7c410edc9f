//! TLS at AWS load balancers.
//!
//! | listener | judgement |
//! |---|---|
//! | TLS with a certificate | passes |
//! | HTTP that redirects to HTTPS (`ssl-redirect`) | passes |
//! | any listener reachable only inside the network (`internal`) | passes, noted |
//! | UDP, SCTP, and anything that is not an AWS load balancer | noted |
//! | TCP on a TLS port without a certificate: TLS ends in the pod, which is not visible | manual |
//! | TCP next to such a port or to one with a certificate: the pod may redirect | manual |
//! | HTTP of an Ingress with a redirect action, which depends on the order of rules | manual |
//! | other TCP and HTTP | offends |

mod ingress;
mod service;

use probe::Reason;

use super::evidence::Evidence;
use super::verdict::{Verdict, seen};
use crate::Listed;
use crate::balancers::{Ingress, IngressClass, Service};
use crate::policy::{Judgement, Outcome, Seen};

/// The key of [`load_balancer_tls`].
pub(super) const LOAD_BALANCER_TLS: &str = "eks/load-balancer-tls";

/// The objects that request load balancers.
#[derive(Debug, Clone, Default)]
pub struct Balancers {
    /// `services`.
    pub services: Listed<Service>,
    /// `ingresses.networking.k8s.io`.
    pub ingresses: Listed<Ingress>,
    /// `ingressclasses.networking.k8s.io`.
    pub classes: Listed<IngressClass>,
}

/// The finding for a listener.
#[derive(Debug)]
enum Listens {
    /// It does not use TLS.
    Plainly(Seen),
    /// It needs review.
    Unseen(Seen),
    /// It uses TLS, or does not need to.
    Well(Seen),
    /// It is unknown, for this reason.
    Unknown(Reason),
}

/// Load balancers reachable from outside listen with TLS.
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
