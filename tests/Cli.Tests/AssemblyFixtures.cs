using System.Runtime.Versioning;
using VmDataset.Cli.Tests;

[assembly: AssemblyFixture(typeof(Vmds))]
[assembly: SupportedOSPlatform("linux")]
