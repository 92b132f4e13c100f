#pragma warning disable CA1812 // Compiled to be read.

namespace VmDataset.ControlPlane.Tests.Architecture.Example.Near
{
    internal sealed class Source;

    internal sealed class Caller<T>
    {
        public static IEnumerable<string> Lines()
        {
            yield return Far.Target.Line([]);
        }

        [Far.Kind]
        public static void Nothing()
        {
        }
    }
}

namespace VmDataset.ControlPlane.Tests.Architecture.Example.Far
{
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class KindAttribute : Attribute;

    internal static class Target
    {
        public static string Line(IReadOnlyList<Near.Source[]> sources) => $"{sources.Count} {typeof(Outside.Leaf)}";
    }
}

namespace VmDataset.ControlPlane.Tests.Architecture.Example.Outside
{
    internal sealed class Leaf;
}
