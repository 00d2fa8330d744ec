import BerthModel
import Testing

@testable import BerthHost

@Suite("Where the agent's cgroup can be seen") struct CgroupPathTests {
    func path(own: String?, roots: [String?], _ files: [String: String] = [:]) throws -> CgroupPath? {
        let mounts = roots.enumerated().map { CgroupMount(kind: .v2, root: $1, point: "m\($0)") }
        return CgroupPath(own: own, mounts: mounts, try ComputeTree(files).reader())
    }

    @Test(
        "is below the mount, less what the mount hides",
        arguments: [
            ("/", "/", ["m0"], true), ("/a/b", "/", ["m0/a/b", "m0/a", "m0"], true),
            ("/docker/x", "/docker/x", ["m0"], true), ("/docker/x/y", "/docker/x", ["m0/y", "m0"], true),
            ("/docker/xy", "/docker/x", ["m0"], false), ("/", "/docker/x", ["m0"], false),
            ("/../other", "/..", ["m0/other", "m0"], true), ("/", "/..", ["m0"], false),
            ("/../other", "/", ["m0"], false), (nil, "/", ["m0"], false),
            ("/a//b/", "/", ["m0/a/b", "m0/a", "m0"], true),
        ] as [(String?, String, [String], Bool)])
    func roots(own: String?, root: String, folders: [String], showsOwn: Bool) throws {
        let path = try path(own: own, roots: [root])
        #expect(path?.folders == folders)
        #expect(path?.showsOwn == showsOwn)
    }

    @Test("is believed of a table without roots where the folder is there")
    func withoutRoots() throws {
        #expect(try path(own: "/a", roots: [nil], ["m0/a/": ""])?.folders == ["m0/a", "m0"])
        #expect(try path(own: "/a", roots: [nil])?.folders == ["m0"])
        #expect(try path(own: "/a", roots: [nil])?.showsOwn == false)
        #expect(try path(own: "/", roots: [nil])?.showsOwn == true)
        #expect(try path(own: "/../a", roots: [nil], ["a/": ""])?.folders == ["m0"])
    }

    @Test("is taken of the mount that shows the most ancestors")
    func several() throws {
        #expect(try path(own: "/a/b", roots: ["/a/b", "/", "/a"])?.folders == ["m1/a/b", "m1/a", "m1"])
        #expect(try path(own: "/a", roots: ["/x", "/a"])?.folders == ["m1"])
        #expect(try path(own: "/a", roots: []) == nil)
    }

    @Test("is followed for 64 levels and no more")
    func depth() throws {
        let own = String(repeating: "/a", count: 1000)
        #expect(try path(own: own, roots: ["/"])?.folders.count == 65)
    }
}
