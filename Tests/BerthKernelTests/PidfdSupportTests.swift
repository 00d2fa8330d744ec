import BerthKernel
import Testing

@Suite("Descriptors of processes")
struct PidfdSupportTests {
    @Test("this kernel has pidfd_open, as every kernel that builds this, and it says of SO_PEERPIDFD what it does")
    func support() {
        #expect(PidfdSupport.opensProcesses == true)
        // Asking again must not depend on descriptors that the first time left behind.
        let first = PidfdSupport.opensPeers
        for _ in 0..<2000 { #expect(PidfdSupport.opensPeers == first) }
    }
}
