//! What can be asked of a file of persons: each with its universe in words, so that no two are taken for one another.

use baseline_method::mismatch::Definition;

/// A rate, or the ILO's mismatch index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Employment,
    Activity,
    Unemployment,
    Tertiary,
    MismatchIndex,
    /// Of the definitions those that need no years of schooling and no field.
    Mismatch(Definition),
}

impl Measure {
    pub const ALL: [Self; 11] = [
        Self::Mismatch(Definition::Eurostat),
        Self::Mismatch(Definition::WithoutArmedForces),
        Self::Mismatch(Definition::Istat),
        Self::Mismatch(Definition::Oecd),
        Self::Mismatch(Definition::IloNormative),
        Self::Mismatch(Definition::IloModal),
        Self::MismatchIndex,
        Self::Employment,
        Self::Activity,
        Self::Unemployment,
        Self::Tertiary,
    ];

    pub fn id(self) -> &'static str {
        match self {
            Self::Employment => "employment_rate",
            Self::Activity => "activity_rate",
            Self::Unemployment => "unemployment_rate",
            Self::Tertiary => "tertiary_attainment",
            Self::MismatchIndex => "mismatch_index",
            Self::Mismatch(definition) => definition.id(),
        }
    }

    pub fn concept(self) -> &'static str {
        match self {
            Self::Employment => "employed persons among all whose labour status is stated",
            Self::Activity => "employed and unemployed persons among all whose labour status is stated",
            Self::Unemployment => "unemployed persons among the employed and unemployed",
            Self::Tertiary => "persons with ISCED 5-8 among all whose education is stated",
            Self::MismatchIndex => {
                "half the sum of differences between the shares of low, medium and high education of the employed and of the unemployed, percent"
            }
            Self::Mismatch(definition) => definition.concept(),
        }
    }

    /// First and last age of the universe as its publisher has it.
    pub fn ages(self) -> (u8, u8) {
        match self {
            Self::Mismatch(Definition::Oecd) => (15, 64),
            Self::Tertiary => (25, 64),
            Self::Employment | Self::Activity | Self::Unemployment | Self::MismatchIndex | Self::Mismatch(_) => (20, 64),
        }
    }

    pub(super) fn needs_occupation(self) -> bool {
        matches!(self, Self::Mismatch(_))
    }

    pub(super) fn needs_learning(self) -> bool {
        self == Self::Mismatch(Definition::Oecd)
    }

    /// Only employed persons, and those of unknown status, matter.
    pub(super) fn of_employed(self) -> bool {
        self.needs_occupation()
    }

    /// Only persons with tertiary education, and those of unknown education, matter.
    pub(super) fn of_tertiary(self) -> bool {
        match self {
            Self::Mismatch(definition) => match definition {
                Definition::Eurostat | Definition::WithoutArmedForces | Definition::Istat | Definition::Oecd => true,
                Definition::IloNormative | Definition::IloModal | Definition::MeanYears | Definition::Horizontal => false,
            },
            Self::Employment | Self::Activity | Self::Unemployment | Self::Tertiary | Self::MismatchIndex => false,
        }
    }
}
