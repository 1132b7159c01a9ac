extension LogRotation {
    /// Reads a file's options: `size`, `every`, `keep`, `keep_bytes`, `keep_for`, `gzip`.
    internal init(_ options: inout EmitterOptions, isPresent: Bool) {
        self.init(
            size: options.sizeIfPresent("size", in: 1 << 10...1 << 50),
            every: options.durationIfPresent("every", in: .seconds(1)...(.seconds(366 * 86_400))),
            keep: options.intIfPresent("keep", in: 0...1_000_000),
            keepBytes: options.sizeIfPresent("keep_bytes", in: 0...1 << 60),
            keepFor: options.durationIfPresent("keep_for", in: .seconds(1)...(.seconds(36_600 * 86_400))),
            compresses: options.bool("gzip", default: false)
        )
        guard isPresent else { return }
        if options.value("size") == nil, options.value("every") == nil {
            options.fault("size", "'rotate' needs 'size' or 'every'", code: .missing)
        }
        if compresses, !Compression.isAvailable {
            options.fault("gzip", "there is no program '\(Compression.program)' on PATH", code: .unusable)
        }
    }
}
