import Foundation

#if canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#endif

/// A small file system of a test's own, unmounted with its last reference.
final class TemporaryFileSystem {
    static let isAvailable: Bool = TemporaryFileSystem(bytes: 4096) != nil
    static let hasExt4: Bool = TemporaryFileSystem(ext4Bytes: 4 << 20) != nil

    private let directory: TemporaryDirectory
    /// What it lies in, if it is not in memory.
    private var image: TemporaryDirectory?
    var path: String { directory.path }

    /// Makes one in memory, with room for so many bytes, and so many files beside its top directory.
    init?(bytes: Int, files: Int? = nil) {
        guard let directory = try? TemporaryDirectory() else { return nil }
        self.directory = directory
        let options = "size=\(bytes)" + (files.map { ",nr_inodes=\($0 + 1)" } ?? "")
        guard mount("tmpfs", directory.path, "tmpfs", 0, options) == 0 else { return nil }
    }

    /// Makes an ext4 of so many bytes, some of which it needs itself.
    init?(ext4Bytes: Int) {
        guard let directory = try? TemporaryDirectory(), let image = try? TemporaryDirectory() else { return nil }
        self.directory = directory
        self.image = image
        let shell = """
            PATH=$PATH:/usr/sbin:/sbin
            truncate -s "$2" "$0/image" && mkfs.ext4 -q -F -m 0 "$0/image" && mount -o loop "$0/image" "$1"
            """
        let result = try? Tools.run("/bin/sh", ["-c", shell, image.path, directory.path, "\(ext4Bytes)"])
        guard result?.status == 0 else { return nil }
    }

    // What still has a file of it open keeps it, but not where it was: nothing in it is deleted with the directory.
    deinit { _ = umount2(directory.path, Int32(MNT_DETACH)) }
}
