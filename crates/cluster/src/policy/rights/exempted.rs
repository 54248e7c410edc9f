//! Decides whether an exemption applies.

use crate::policy::exemption::{Exempt, Exemption};
use crate::rbac::{Binding, Role, Rule, Who};

/// The exemptions from one control.
pub(super) struct Exempted<'a> {
    exemptions: Vec<&'a Exemption>,
}

/// Whether a binding is exempt.
pub(super) enum Verdict<'a> {
    /// Everything that it grants is exempt, for this reason.
    All(&'a str),
    /// It is a default binding that was changed; contains the change.
    Changed(String),
    /// There is no exemption for it.
    None,
}

impl<'a> Exempted<'a> {
    pub(super) fn new(exemptions: &'a [Exemption], control: &str) -> Self {
        let of = |exemption: &&Exemption| exemption.controls.iter().any(|own| own == control);
        Self { exemptions: exemptions.iter().filter(of).collect() }
    }

    /// Whether a binding is exempt, given its role if known.
    pub(super) fn binding(&self, binding: &Binding, role: Option<&Role>) -> Verdict<'a> {
        let object = binding.object();
        let mut verdict = Verdict::None;
        for exemption in &self.exemptions {
            let Exempt::Binding { binding: expected, role_kind, role_name, subjects } = &exemption.of else { continue };
            if *expected != object {
                continue;
            }
            let changed = if (role_kind, role_name) != (&binding.role_ref.kind, &binding.role_ref.name) {
                format!("its role is not {role_kind} {role_name}")
            } else if let Some(other) = binding
                .subjects
                .iter()
                .filter_map(|subject| Who::of(subject, &binding.metadata.namespace))
                .find(|who| !subjects.contains(who))
            {
                format!("it names {other}")
            } else if !covers_everything(exemption) && role.is_some_and(grants_everything) {
                "its role grants everything".to_owned()
            } else {
                return Verdict::All(&exemption.reason);
            };
            verdict = Verdict::Changed(changed);
        }
        verdict
    }

    /// The reason if this is a default binding to its default role, with any subjects.
    pub(super) fn shipped(&self, binding: &Binding) -> Option<&'a str> {
        let object = binding.object();
        let exemption = self.exemptions.iter().find(|exemption| match &exemption.of {
            Exempt::Binding { binding: expected, role_kind, role_name, .. } => {
                *expected == object && (role_kind, role_name) == (&binding.role_ref.kind, &binding.role_ref.name)
            }
            Exempt::Role { .. } | Exempt::Subject { .. } => false,
        })?;
        Some(&exemption.reason)
    }

    /// The reason if an exemption of the subject or role covers the role's `rules` that fail the control.
    pub(super) fn grant(&self, who: &Who, binding: &Binding, role: Option<&Role>, rules: &[usize]) -> Option<&'a str> {
        let holds = |exemption: &&&'a Exemption| match &exemption.of {
            Exempt::Binding { .. } => false,
            Exempt::Subject { name, namespace } => {
                let here = namespace.as_ref().is_none_or(|namespace| *namespace == binding.metadata.namespace);
                here && name.matches(who) && (covers_everything(exemption) || !role.is_some_and(grants_everything))
            }
            Exempt::Role { .. } => role.is_some_and(|role| is_role(exemption, role, rules)),
        };
        self.exemptions.iter().find(holds).map(|exemption| exemption.reason.as_str())
    }

    /// The reason if an exemption of the role covers these rules.
    pub(super) fn role(&self, role: &Role, rules: &[usize]) -> Option<&'a str> {
        let exemption = self.exemptions.iter().find(|exemption| is_role(exemption, role, rules))?;
        Some(exemption.reason.as_str())
    }
}

/// Whether the exemption covers roles that grant everything.
fn covers_everything(exemption: &Exemption) -> bool {
    exemption.controls.iter().any(|control| control == "rbac/cluster-admin")
}

fn grants_everything(role: &Role) -> bool {
    role.rules.iter().any(Rule::allows_everything)
}

fn is_role(exemption: &Exemption, role: &Role, rules: &[usize]) -> bool {
    let Exempt::Role { role: object, rules: expected } = &exemption.of else { return false };
    *object == role.object()
        && rules.iter().all(|&place| {
            role.rules.get(place).is_some_and(|rule| expected.iter().any(|expected| rule.grants_at_most(expected)))
        })
}
