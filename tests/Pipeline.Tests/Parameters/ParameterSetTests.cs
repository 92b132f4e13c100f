using System.Text.Json;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Parameters;

public class ParameterSetTests
{
    [Theory]
    [InlineData("""{"b": 2, "a": 1}""", """{"a":1,"b":2}""")]
    [InlineData("""{"a": {"z": [1, {"y": 1, "x": null}], "b": true}}""", """{"a":{"b":true,"z":[1,{"x":null,"y":1}]}}""")]
    [InlineData("""{"a": 5.0, "b": 1e2, "c": -0.0, "d": 0.10, "e": 1.5e0}""", """{"a":5,"b":100,"c":0,"d":0.1,"e":1.5}""")]
    [InlineData("""{"a": "\u00e9 <\u0022>"}""", """{"a":"é <\">"}""")]
    [InlineData("""{"a": 9223372036854775807}""", """{"a":9223372036854775807}""")]
    public void Equal_parameters_are_equal_texts(string given, string canonical)
    {
        Read(given)!.Json.ShouldBe(canonical);
        Read(canonical).ShouldBe(Read(given));
        Read(canonical)!.Hash.ShouldBe(Read(given)!.Hash);
    }

    [Fact]
    public void Other_parameters_have_another_hash() => Read("""{"a":1}""")!.Hash.ShouldNotBe(Read("""{"a":2}""")!.Hash);

    [Fact]
    public void An_empty_object_sets_nothing() => Read("{}").ShouldBeNull();

    [Theory]
    [InlineData("[1]", "is an array; allowed: a JSON object of at most 4,096 bytes.")]
    [InlineData("\"a\"", "is \"a\"; allowed: a JSON object")]
    [InlineData("""{"a": 1, "a": 1}""", "holds a name twice")]
    [InlineData("""{"a": {"b": 1, "b": 2}}""", "holds a name twice")]
    [InlineData("""{"a": "\ud800"}""", "a text that is not Unicode")]
    [InlineData("""{"a": "x\u0000y"}""", "the character 0")]
    [InlineData("""{"a": 1e999}""", "a number beyond all bounds")]
    public void A_wrong_set_of_parameters_is_refused_with_the_mistake(string given, string mistake)
    {
        ParameterSet.TryRead(JsonElement.Parse(given), out var set, out var problem).ShouldBeFalse();
        set.ShouldBeNull();
        problem.ShouldContain(mistake);
    }

    [Fact]
    public void Four_KiB_is_the_most()
    {
        Read($$"""{"a":"{{new string('x', ParameterSet.MaxBytes - 8)}}"}""")!.Json.Length.ShouldBe(ParameterSet.MaxBytes);
        ParameterSet.TryRead(JsonElement.Parse($$"""{"a":"{{new string('x', ParameterSet.MaxBytes - 7)}}"}"""), out _, out var problem).ShouldBeFalse();
        problem.ShouldBe("has 4,097 bytes; allowed: a JSON object of at most 4,096 bytes.");
    }

    [Fact]
    public void Parameters_are_an_object_on_the_wire()
    {
        var json = JsonSerializer.Serialize(Read("""{"b":2,"a":[0.5]}"""), WireJson.Options);
        json.ShouldBe("""{"a":[0.5],"b":2}""");
        JsonSerializer.Deserialize<ParameterSet>(json, WireJson.Options).ShouldBe(Read(json));
    }

    private static ParameterSet? Read(string json)
    {
        ParameterSet.TryRead(JsonElement.Parse(json), out var set, out var problem).ShouldBeTrue(problem);
        return set;
    }
}
