using Mono.Cecil;
using Mono.Cecil.Cil;

namespace VmDataset.ControlPlane.Tests.Architecture;

/// <summary>
/// Which namespaces of an assembly use which, read from its compiled types: base types, interfaces, fields, signatures, bodies, attributes
/// and generic arguments. Nested types, the compiler's own among them, count for their owner. Constants are compiled in and leave no edge.
/// </summary>
internal sealed class NamespaceGraph
{
    private readonly Dictionary<string, SortedDictionary<string, SortedSet<string>>> _edges = new(StringComparer.Ordinal);
    private readonly string _root;

    /// <param name="module">The assembly's types.</param>
    /// <param name="root">The namespace whose parts are the nodes; what lies outside is left out.</param>
    public NamespaceGraph(ModuleDefinition module, string root)
    {
        _root = root;
        foreach (var type in module.Types) Read(type, type);
    }

    /// <summary>The nodes, as their names below the root.</summary>
    public IEnumerable<string> Namespaces => _edges.Keys;

    /// <summary>The nodes that a node uses.</summary>
    public IEnumerable<string> UsedBy(string node) => _edges[node].Keys;

    /// <summary>The shortest cycle, one line for each edge with the types that cause it; empty when there is none.</summary>
    public IReadOnlyList<string> ShortestCycle()
    {
        var shortest = _edges.Keys.Order(StringComparer.Ordinal).Select(PathBackTo).Where(static path => path.Count > 0).MinBy(static path => path.Count) ?? [];
        return [.. shortest.Select((from, index) =>
        {
            var to = shortest[(index + 1) % shortest.Count];
            return $"{from} -> {to}: {string.Join(", ", _edges[from][to])}";
        })];
    }

    private List<string> PathBackTo(string start)
    {
        Dictionary<string, string> cameFrom = new(StringComparer.Ordinal);
        Queue<string> next = new([start]);
        while (next.TryDequeue(out var from))
        {
            foreach (var to in _edges.GetValueOrDefault(from)?.Keys ?? Enumerable.Empty<string>())
            {
                if (!cameFrom.TryAdd(to, from)) continue;
                if (to == start) return Walk(cameFrom, start);
                next.Enqueue(to);
            }
        }

        return [];
    }

    private static List<string> Walk(Dictionary<string, string> cameFrom, string start)
    {
        List<string> path = [start];
        for (var node = cameFrom[start]; node != start; node = cameFrom[node]) path.Insert(1, node);
        return path;
    }

    private void Read(TypeDefinition owner, TypeDefinition type)
    {
        if (NodeOf(owner) is not { } node) return;
        _edges.TryAdd(node, new(StringComparer.Ordinal));
        void Use(TypeReference? used) => Add(owner, node, used);

        Use(type.BaseType);
        foreach (var implemented in type.Interfaces) Use(implemented.InterfaceType);
        Attributes(type, Use);
        Constraints(type, Use);
        foreach (var field in type.Fields)
        {
            Use(field.FieldType);
            Attributes(field, Use);
        }

        foreach (var property in type.Properties) Attributes(property, Use);
        foreach (var method in type.Methods) Read(method, Use);
        foreach (var nested in type.NestedTypes) Read(owner, nested);
    }

    private static void Read(MethodDefinition method, Action<TypeReference?> use)
    {
        use(method.ReturnType);
        Attributes(method, use);
        Attributes(method.MethodReturnType, use);
        Constraints(method, use);
        foreach (var parameter in method.Parameters)
        {
            use(parameter.ParameterType);
            Attributes(parameter, use);
        }

        if (!method.HasBody) return;
        foreach (var variable in method.Body.Variables) use(variable.VariableType);
        foreach (var handler in method.Body.ExceptionHandlers) use(handler.CatchType);
        foreach (var instruction in method.Body.Instructions) Read(instruction, use);
    }

    private static void Read(Instruction instruction, Action<TypeReference?> use)
    {
        switch (instruction.Operand)
        {
            case TypeReference type:
                use(type);
                break;
            case MemberReference member:
                use(member.DeclaringType);
                if (member is FieldReference field) use(field.FieldType);
                if (member is GenericInstanceMethod generic)
                    foreach (var argument in generic.GenericArguments) use(argument);
                break;
        }
    }

    private static void Attributes(ICustomAttributeProvider provider, Action<TypeReference?> use)
    {
        foreach (var attribute in provider.CustomAttributes)
        {
            use(attribute.AttributeType);
            foreach (var argument in attribute.ConstructorArguments.Concat(attribute.Properties.Select(static named => named.Argument)))
            {
                use(argument.Type);
                use(argument.Value as TypeReference);
            }
        }
    }

    private static void Constraints(IGenericParameterProvider provider, Action<TypeReference?> use)
    {
        foreach (var constraint in provider.GenericParameters.SelectMany(static parameter => parameter.Constraints)) use(constraint.ConstraintType);
    }

    private void Add(TypeDefinition owner, string from, TypeReference? used)
    {
        if (used is GenericInstanceType generic)
            foreach (var argument in generic.GenericArguments) Add(owner, from, argument);
        if (used is TypeSpecification { ElementType: { } element }) Add(owner, from, element);
        else if (used is not (null or GenericParameter) && used.Scope == owner.Module && NodeOf(used) is { } to && to != from)
        {
            var edges = _edges[from];
            if (!edges.TryGetValue(to, out var causes)) edges.Add(to, causes = new(StringComparer.Ordinal));
            causes.Add($"{owner.Name} uses {Outermost(used).Name}");
        }
    }

    private string? NodeOf(TypeReference type)
    {
        var name = Outermost(type).Namespace;
        if (name == _root) return ".";
        return name.StartsWith(_root + ".", StringComparison.Ordinal) ? name[(_root.Length + 1)..] : null;
    }

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type;
    }
}
