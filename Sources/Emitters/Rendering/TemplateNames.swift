internal import TxaioLog

/// Which fields a template names: `{name}`, `{name!r}`, `{name:>8}`, `{name.part}`, `{name[0]}`, and names in specs.
///
/// It looks no closer than that: a template that is no template may be said to name what it does not show, and then shows
/// `Unable to format` with all values.
package struct TemplateNames {
    private let template: UnsafeRawBufferPointer

    internal init(_ template: UnsafeRawBufferPointer?) {
        self.template = template ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    internal func contain(_ name: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at + name.count + 1 < template.count {
            guard template[at] == 0x7B else {
                at += 1
                continue
            }
            if template[at + 1] == 0x7B {
                at += 2
                continue
            }
            at += 1
            let end = at + name.count
            guard end < template.count else { return false }
            switch template[end] {
            case 0x7D, 0x21, 0x3A, 0x2E, 0x5B:
                if sameBytes(UnsafeRawBufferPointer(rebasing: template[at..<end]), name) { return true }
            default: break
            }
        }
        return false
    }

    /// Whether a template, as text, names a field.
    package static func contain(_ name: String, in template: String) -> Bool {
        var (name, template) = (name, template)
        return template.withUTF8 { template in
            name.withUTF8 { name in
                TemplateNames(UnsafeRawBufferPointer(template)).contain(UnsafeRawBufferPointer(name))
            }
        }
    }

    /// Whether templates find the event's own value under the name, whatever fields there are.
    internal static func isInjected(_ name: UnsafeRawBufferPointer) -> Bool {
        Self.same(name, "log_time") || Self.same(name, "log_level") || Self.same(name, "log_namespace")
            || Self.same(name, "log_format")
    }

    private static func same(_ name: UnsafeRawBufferPointer, _ literal: StaticString) -> Bool {
        sameBytes(name, UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
}
