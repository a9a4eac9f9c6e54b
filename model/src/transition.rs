//! Which transitions does the machine have, and between which states? SPEC 7, by its own ids.

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($variant:ident = $id:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $type { $(#[doc = concat!("`", $id, "`")] $variant,)* }

        impl $type {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The id in SPEC.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }
            /// The one with this id.
            #[must_use]
            pub fn named(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.id() == id)
            }
        }
    };
}

/// One transition taken, from where to where.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Taken {
    /// Which.
    pub transition: Transition,
    /// The call or session state before.
    pub from: Place,
    /// The call or session state after.
    pub to: Place,
}

names! {
    /// A state of SPEC 7.1: of a call (Q) or of an attachment (W).
    Place {
        Q0 = "Q0",
        Q1 = "Q1",
        Q2 = "Q2",
        Q3 = "Q3",
        Q4 = "Q4",
        Q5 = "Q5",
        Q6 = "Q6",
        Q7 = "Q7",
        Q8 = "Q8",
        Q9 = "Q9",
        Q10 = "Q10",
        Q11 = "Q11",
        Q12 = "Q12",
        Q13 = "Q13",
        Q14 = "Q14",
        Q15 = "Q15",
        Q16 = "Q16",
        Q17 = "Q17",
        Q18 = "Q18",
        Q19 = "Q19",
        Q20 = "Q20",
        Q21 = "Q21",
        Q22 = "Q22",
        W0 = "W0",
        W1 = "W1",
        W2 = "W2",
        W3 = "W3",
        W4 = "W4",
    }
}

names! {
    /// A transition of SPEC 7.2 or 7.3.
    Transition {
        T1 = "T-1",
        T2 = "T-2",
        T3 = "T-3",
        T4 = "T-4",
        T5 = "T-5",
        T6 = "T-6",
        T7 = "T-7",
        T8 = "T-8",
        T9 = "T-9",
        T10a = "T-10a",
        T10 = "T-10",
        T11 = "T-11",
        T12 = "T-12",
        T13 = "T-13",
        T14 = "T-14",
        T15 = "T-15",
        T16 = "T-16",
        T17 = "T-17",
        T18 = "T-18",
        T19 = "T-19",
        T20 = "T-20",
        T21 = "T-21",
        T22 = "T-22",
        T23 = "T-23",
        T24 = "T-24",
        T25 = "T-25",
        T26 = "T-26",
        T27 = "T-27",
        T28 = "T-28",
        T29 = "T-29",
        T30 = "T-30",
        T31 = "T-31",
        T32 = "T-32",
        T33 = "T-33",
        T34 = "T-34",
        T35 = "T-35",
        T36 = "T-36",
        T37 = "T-37",
        T38 = "T-38",
        T39 = "T-39",
        T40 = "T-40",
        T41 = "T-41",
        T42 = "T-42",
        T43 = "T-43",
        T44 = "T-44",
        T45 = "T-45",
        T46 = "T-46",
        T47 = "T-47",
        T48 = "T-48",
        T49 = "T-49",
        T50 = "T-50",
        T51 = "T-51",
        T52 = "T-52",
        T53 = "T-53",
        T54 = "T-54",
        T55 = "T-55",
        T56 = "T-56",
        T57 = "T-57",
        T58 = "T-58",
        T59 = "T-59",
        T60 = "T-60",
        T61 = "T-61",
        T70 = "T-70",
        T71 = "T-71",
        T72 = "T-72",
        T73 = "T-73",
        T74 = "T-74",
        T75 = "T-75",
        T76 = "T-76",
        T77 = "T-77",
        T78 = "T-78",
        T79 = "T-79",
        T80 = "T-80",
        T81 = "T-81",
        T82 = "T-82",
        T83 = "T-83",
        T84 = "T-84",
    }
}
