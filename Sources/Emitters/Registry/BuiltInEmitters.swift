/// The types that every program has; each entry is the type's name and what makes one from its options.
internal let builtInEmitters: [(String, EmitterRegistry.Factory)] = [
    ("text", { options in try TextEmitter(options: &options) }),
    ("json", { options in try JSONEmitter(options: &options) }),
    ("journald", { options in try JournaldEmitter.make(options: &options) }),
]
