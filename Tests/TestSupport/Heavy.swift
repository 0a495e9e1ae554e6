import Foundation

/// Whether tests that take minutes, and all settings of tests that have many, are wanted: `make verify` sets
/// GRADFID_HEAVY.
package let isHeavy = ProcessInfo.processInfo.environment["GRADFID_HEAVY"] != nil
