//! Amazon Resource Names: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.

/// The parts of an ARN that are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    /// The resource, such as `role/path/name`.
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Parses an ARN; `None` if it is not one.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let is_arn = parts.next()? == "arn" && parts.next()?.starts_with("aws");
        let (service, region, account, resource) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        is_arn.then_some(Self { service, region, account, resource })
    }

    /// The kind of the resource, such as `role`.
    pub(crate) fn kind(self) -> &'a str {
        self.resource.split_once('/').map_or(self.resource, |(kind, _)| kind)
    }

    /// The name without its path.
    pub(crate) fn name(self) -> &'a str {
        self.resource.rsplit('/').next().unwrap_or(self.resource)
    }

    /// The name of an AWS managed policy; `None` for a customer managed one, even of the same name.
    pub(crate) fn policy_of_aws(self) -> Option<&'a str> {
        let is_own = self.service == "iam" && self.account == "aws" && self.kind() == "policy";
        is_own.then(|| self.name())
    }
}
