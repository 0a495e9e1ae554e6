import Foundation
import PackagePlugin

/// Tells the program which commit it is built from, and whether what is built differs from it.
///
/// Git is asked whenever the build is planned, which takes some hundredths of a second. A build whose files
/// are the same as before is not planned again, so the Makefile runs the script too.
@main
struct BuildIdentity: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let folder = context.pluginWorkDirectoryURL
    let package = context.package.directoryURL.path
    return [
      .prebuildCommand(
        displayName: "Build identity", executable: URL(fileURLWithPath: "/bin/sh"),
        arguments: [package + "/Plugins/BuildIdentity/identity.sh", package, folder.path],
        outputFilesDirectory: folder)
    ]
  }
}
