using Mono.Cecil;

namespace VmDataset.ControlPlane.Tests.Architecture;

/// <summary>No namespace of a project reaches itself through others, so each can be read, and changed, with those below it alone.</summary>
public sealed class NamespaceCycleTests
{
    [Theory]
    [InlineData("Pipeline")]
    [InlineData("Worker")]
    [InlineData("ControlPlane")]
    [InlineData("Cli", "vmds")]
    public void The_namespaces_of_a_project_have_no_cycle(string project, string? assembly = null)
    {
        var graph = Graph(Path.Combine(AppContext.BaseDirectory, $"{assembly ?? project}.dll"), $"VmDataset.{project}");

        graph.Namespaces.Count().ShouldBeGreaterThan(5);
        var cycle = graph.ShortestCycle();
        if (cycle.Count > 0) Assert.Fail(string.Join(Environment.NewLine, cycle));
    }

    [Fact]
    public void The_transformers_of_the_OpenApi_document_know_no_feature() =>
        Graph(Path.Combine(AppContext.BaseDirectory, "ControlPlane.dll"), "VmDataset.ControlPlane").UsedBy("OpenApi").ShouldBeEmpty();

    [Fact]
    public void The_shortest_cycle_is_named_with_the_types_that_cause_it()
    {
        var graph = Graph(typeof(NamespaceCycleTests).Assembly.Location, "VmDataset.ControlPlane.Tests.Architecture.Example");

        graph.ShortestCycle().ShouldBe(["Far -> Near: Target uses Source", "Near -> Far: Caller`1 uses KindAttribute, Caller`1 uses Target"]);
    }

    private static NamespaceGraph Graph(string assembly, string root)
    {
        using var module = ModuleDefinition.ReadModule(assembly);
        return new NamespaceGraph(module, root);
    }
}
