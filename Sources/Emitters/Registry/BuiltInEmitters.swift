/// The types that every program has; each entry is the type's name and what makes one from its options.
internal let builtInEmitters: [(String, EmitterRegistry.Factory)] = [
]
