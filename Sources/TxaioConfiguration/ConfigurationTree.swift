#if Configuration
internal import TxaioEmitters
internal import TxaioLog
internal import Yams

/// The values of a YAML or JSON text with their places, in the small language that configuration files are written in:
/// one document of mappings, lists and scalars; no anchors, aliases, tags, nor keys that are not names.
internal struct ConfigurationTree {
    /// The top mapping's entries.
    ///
    /// Of a key that is given twice the last one counts, and `faults` tell it.
    internal private(set) var entries: [OptionEntry] = []
    /// Where the top mapping begins.
    internal private(set) var position: OptionPosition?
    internal private(set) var faults: [ConfigurationError.Fault] = []

    /// How deep mappings and lists may lie in each other.
    private static let depthLimit = 32

    /// Reads a text.
    ///
    /// - Parameter section: The names of the mappings in each other of which the innermost is read; what stands elsewhere is
    ///   only read as YAML.
    /// - Throws: The one fault of a text that is no YAML. Everything else is found in `faults`.
    internal init(_ text: String, section: [String] = []) throws(ConfigurationError) {
        if let fault = WorkloadGuard.check(text) { throw ConfigurationError([fault]) }
        var duplicates = DuplicateKeys(text)
        let (parser, root) = try duplicates.compose()
        // The parser owns the anchors.
        withExtendedLifetime(parser) {
            guard let root, !Self.isEmpty(root) else {
                faults.append(.init("the file is empty"))
                return
            }
            guard let root = find(section, in: root, duplicates) else { return }
            position = Self.position(root, duplicates)
            guard case .map(let entries) = value(root, depth: 1, duplicates).content else {
                let name = section.isEmpty ? "the file" : Quotation.of(section.joined(separator: "."))
                faults.append(.init("\(name) must be a mapping", at: position))
                return
            }
            self.entries = entries
        }
    }

    /// The node of a section; notes that it is missing.
    private mutating func find(_ section: [String], in root: Node, _ duplicates: DuplicateKeys) -> Node? {
        var node = root
        for name in section {
            guard case .mapping(let mapping) = node,
                let (_, inner) = mapping.first(where: { $0.key.scalar.map { duplicates.original($0.string) } == name })
            else {
                let place = Quotation.of(section.joined(separator: "."))
                note("the file has no section \(place)", Self.position(node, duplicates))
                return nil
            }
            node = inner
        }
        return node
    }

    private static func isEmpty(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node else { return false }
        return scalar.string.isEmpty && scalar.style == .plain
    }

    private static func position(_ node: Node, _ duplicates: DuplicateKeys) -> OptionPosition? {
        node.mark.map(duplicates.original)
    }

    private mutating func value(_ node: Node, depth: Int, _ duplicates: DuplicateKeys) -> OptionValue {
        let position = Self.position(node, duplicates)
        if let anchor = node.anchor {
            note("anchors and aliases ('&\(anchor.rawValue)') are not allowed", position)
        }
        guard depth <= Self.depthLimit else {
            note("nested more than \(Self.depthLimit) deep", position)
            return OptionValue(.null, at: position)
        }
        switch node {
        case .scalar(let scalar):
            if scalar.style == .plain, scalar.tag.rawValue != Tag.Name.implicit.rawValue {
                noteTag(scalar.tag, position)
            } else if scalar.style != .plain, scalar.tag.rawValue != Tag.Name.str.rawValue {
                noteTag(scalar.tag, position)
            }
            let isPlain = scalar.style == .plain
            return OptionValue(isPlain ? PlainScalar.content(scalar.string) : .string(scalar.string), at: position)
        case .sequence(let sequence):
            checkTag(sequence.tag, position)
            return OptionValue(.list(sequence.map { value($0, depth: depth + 1, duplicates) }), at: position)
        case .mapping(let mapping):
            checkTag(mapping.tag, position)
            return OptionValue(.map(entries(mapping, depth: depth, duplicates)), at: position)
        case .alias(let alias):
            note("aliases ('*\(alias.anchor.rawValue)') are not allowed", position)
            return OptionValue(.null, at: position)
        }
    }

    private mutating func entries(_ mapping: Node.Mapping, depth: Int, _ duplicates: DuplicateKeys) -> [OptionEntry] {
        var entries: [OptionEntry] = []
        var indices: [String: Int] = [:]
        for (keyNode, valueNode) in mapping {
            let position = Self.position(keyNode, duplicates)
            guard case .scalar(let scalar) = keyNode else {
                note("a key must be a name", position)
                continue
            }
            if let anchor = scalar.anchor {
                note("anchors and aliases ('&\(anchor.rawValue)') are not allowed", position)
            }
            let name = scalar.tag.rawValue
            if name != Tag.Name.implicit.rawValue, name != Tag.Name.str.rawValue { noteTag(scalar.tag, position) }
            if scalar.string == "<<", scalar.style == .plain { note("merge keys ('<<') are not allowed", position) }
            let key = duplicates.original(scalar.string)
            let value = value(valueNode, depth: depth + 1, duplicates)
            let entry = OptionEntry(key, value, at: position)
            if let index = indices[key] {
                let first = entries[index].position.map { "; it stands at \($0) already" } ?? ""
                faults.append(.init("key \(Quotation.of(key)) is given twice\(first)", at: position))
                entries[index] = OptionEntry(key, value, at: entries[index].position)
            } else {
                indices[key] = entries.count
                entries.append(entry)
            }
        }
        return entries
    }

    private mutating func checkTag(_ tag: Tag, _ position: OptionPosition?) {
        if tag.rawValue != Tag.Name.implicit.rawValue { noteTag(tag, position) }
    }

    private mutating func noteTag(_ tag: Tag, _ position: OptionPosition?) {
        note("tags (\(Quotation.of(tag.rawValue))) are not allowed", position)
    }

    private mutating func note(_ message: String, _ position: OptionPosition?) {
        faults.append(.init(message, at: position))
    }
}
#endif
