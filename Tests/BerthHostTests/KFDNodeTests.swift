import Testing

@testable import BerthHost

@Suite("A KFD node")
struct KFDNodeTests {
    private static let folder = "sys/class/kfd/kfd/topology/nodes"

    private func nodes(_ files: [String: String]) throws -> (nodes: [KFDNode], problems: [String]) {
        let reader = try PlantedTree(files).reader()
        return (KFDNode.all(reader), reader.problems)
    }

    @Test("is a GPU when it has SIMD units; processors have none")
    func processors() throws {
        let (nodes, problems) = try nodes([
            "\(Self.folder)/0/properties": "cpu_cores_count 64\nsimd_count 0\nlocation_id 0\n",
            "\(Self.folder)/2/properties": """
            simd_count 416\nvendor_id 4098\ndevice_id 29711\nlocation_id 25344\ndomain 1\ndrm_render_minor 128
            unique_id 1801979520617338022\nlocal_mem_size 0\n
            """,
            "\(Self.folder)/10/properties": "simd_count 1\nlocation_id 2560\nlocal_mem_size 17163091968\n",
        ])
        #expect(nodes.map(\.number) == [2, 10])
        #expect(nodes.map(\.address.description) == ["0001:63:00.0", "0000:0a:00.0"])
        #expect(nodes.map(\.vendor) == ["1002", nil])
        #expect(nodes.map(\.device) == ["740f", nil])
        #expect(nodes.map(\.renderMinor) == [128, nil])
        #expect(nodes.map(\.vramBytes) == [nil, 17_163_091_968])
        #expect(problems.isEmpty)
    }

    @Test("has its partition in the function digit or above the address, as the kernel's age is")
    func partitions() throws {
        let (nodes, _) = try nodes([
            "\(Self.folder)/1/properties": "simd_count 80\nlocation_id 2561\n",
            "\(Self.folder)/2/properties": "simd_count 80\nlocation_id 805308928\n",
        ])
        #expect(nodes.map(\.address.description) == ["0000:0a:00.1", "0000:0a:00.0"])
        #expect(nodes.map(\.partition) == [0, 3])
    }

    @Test("has the memory of its own banks, and not the processor's")
    func banks() throws {
        let node = "\(Self.folder)/1"
        let (nodes, _) = try nodes([
            "\(node)/properties": "simd_count 80\nlocation_id 2560\nlocal_mem_size 5\n",
            "\(node)/mem_banks/0/properties": "heap_type 1\nsize_in_bytes 100\n",
            "\(node)/mem_banks/1/properties": "heap_type 2\nsize_in_bytes 30\n",
            "\(node)/mem_banks/2/properties": "heap_type 0\nsize_in_bytes 7\n",
        ])
        #expect(nodes.map(\.vramBytes) == [130])
    }

    @Test(
        "without a place, or with an impossible one, is noted",
        arguments: ["simd_count 1\n", "simd_count 1\nlocation_id -1\n", "simd_count 1\nlocation_id 4294967296\n"])
    func rubbish(text: String) throws {
        let (nodes, problems) = try nodes(["\(Self.folder)/1/properties": text])
        #expect(nodes.isEmpty)
        #expect(problems.count == 1)
    }

    @Test("too large for its numbers does not trap")
    func overflow() throws {
        let node = "\(Self.folder)/1"
        let (nodes, _) = try nodes([
            "\(node)/properties":
                "simd_count 1\nlocation_id 1\ndrm_render_minor 18446744073709551615\ndomain 99999999999",
            "\(node)/mem_banks/0/properties": "heap_type 1\nsize_in_bytes 9223372036854775807\n",
            "\(node)/mem_banks/1/properties": "heap_type 1\nsize_in_bytes 9223372036854775807\n",
            "\(Self.folder)/99999999999999999999/properties": "simd_count 1\nlocation_id 1\n",
        ])
        #expect(nodes.map(\.vramBytes) == [nil])
        #expect(nodes.map(\.renderMinor) == [nil])
    }
}
