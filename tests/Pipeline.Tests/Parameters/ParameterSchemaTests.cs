using System.Text.Json;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Parameters;

public class ParameterSchemaTests
{
    private static readonly ParameterSchema Schema = ParameterSchema.Read(JsonElement.Parse("""
        {"type": "object", "additionalProperties": false, "properties": {
          "size": {"type": "integer", "minimum": 2, "maximum": 9, "x-flag": "--size"},
          "speed": {"type": "number", "exclusiveMinimum": 0, "x-field": "speed"},
          "level": {"type": "string", "enum": ["easy", "hard"], "x-flag": "--level"},
          "note": {"type": "string", "maxLength": 3, "x-flag": "--note"},
          "plain": {"type": "boolean", "x-flag": "--plain"},
          "film": {"type": "boolean", "x-flag": "--film", "x-negative-flag": "--no-film"},
          "kinds": {"type": "array", "items": {"type": "string"}, "minItems": 1, "x-flag": "--kinds"},
          "tilt": {"type": ["number", "null"], "x-field": "tilt"},
          "even": {"type": "integer", "multipleOf": 2, "x-field": "even"},
          "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"enum": ["a", 5]}], "minItems": 2, "maxItems": 2, "x-field": "pair"},
          "colours": {"type": "array", "items": {"type": "array", "items": {"type": "integer", "maximum": 255}}, "x-field": "colours"},
          "weights": {"type": "object", "additionalProperties": {"type": "number"}, "x-field": "weights"},
          "any": {"x-field": "any"}
        }}
        """))!;

    [Theory]
    [InlineData("size", "2")]
    [InlineData("size", "5.0")]
    [InlineData("speed", "0.001")]
    [InlineData("level", "\"hard\"")]
    [InlineData("note", "\"äöü\"")]
    [InlineData("tilt", "null")]
    [InlineData("tilt", "-3.5")]
    [InlineData("even", "-4")]
    [InlineData("pair", "[1, 5.0]")]
    [InlineData("colours", "[]")]
    [InlineData("colours", "[[0, 255], []]")]
    [InlineData("weights", "{\"a\": 1.5}")]
    [InlineData("any", "{\"a\": [1]}")]
    public void Allowed_values_are_accepted(string name, string value) => Schema.FindMistake(name, JsonElement.Parse(value)).ShouldBeNull();

    [Theory]
    [InlineData("size", "1", "is 1; allowed: an integer, at least 2, at most 9.")]
    [InlineData("size", "2.5", "is 2.5; allowed: an integer, at least 2, at most 9.")]
    [InlineData("size", "\"5\"", "is \"5\"; allowed: an integer, at least 2, at most 9.")]
    [InlineData("size", "null", "is null; allowed: an integer, at least 2, at most 9.")]
    [InlineData("speed", "0", "is 0; allowed: a number, above 0.")]
    [InlineData("level", "\"medium\"", "is \"medium\"; allowed: \"easy\", \"hard\".")]
    [InlineData("note", "\"long\"", "is \"long\"; allowed: a string, characters up to 3.")]
    [InlineData("plain", "1", "is 1; allowed: true or false.")]
    [InlineData("kinds", "[]", "is an array; allowed: an array, elements from 1.")]
    [InlineData("kinds", "[\"a\", 5]", "has at [1] what is 5; allowed: a string.")]
    [InlineData("kinds", "[\"--output\", \"/\"]", "has a text that begins with '-', which would be taken for a flag; allowed: texts that do not.")]
    [InlineData("kinds", "[\"/\", \"/etc/passwd\"]", "has \"/etc/passwd\", a path; allowed: texts that do not begin with '/' or '~' and have no '..' between slashes.")]
    [InlineData("note", "\"..\"", "has \"..\", a path; allowed: texts that do not begin with '/' or '~' and have no '..' between slashes.")]
    [InlineData("tilt", "\"a\"", "is \"a\"; allowed: a number or null.")]
    [InlineData("even", "3", "is 3; allowed: an integer, a multiple of 2.")]
    [InlineData("pair", "[1, \"b\"]", "has at [1] what is \"b\"; allowed: \"a\", 5.")]
    [InlineData("pair", "[1]", "is an array; allowed: an array, elements from 2, elements up to 2.")]
    [InlineData("colours", "[[0], [1, 256]]", "has at [1][1] what is 256; allowed: an integer, at most 255.")]
    [InlineData("weights", "{\"a\": \"b\"}", "has at .a what is \"b\"; allowed: a number.")]
    public void A_wrong_value_is_shown_with_the_allowed_ones(string name, string value, string mistake) =>
        Schema.FindMistake(name, JsonElement.Parse(value)).ShouldBe(mistake);

    [Fact]
    public void Flags_become_arguments_and_fields_become_configuration()
    {
        var binding = Schema.Bind(Set("""
            {"size": 5, "speed": 2.5, "note": "-x", "plain": true, "film": false, "kinds": ["a", "b c"], "tilt": null, "pair": [1, "a"]}
            """));

        binding.Arguments.ShouldBe(["--no-film", "--kinds", "a", "b c", "--note=-x", "--plain", "--size=5"]);
        JsonSerializer.Serialize(binding.Config).ShouldBe("""{"pair":[1,"a"],"speed":2.5,"tilt":null}""");
        Schema.Bind(Set("""{"plain": false}""")).Arguments.ShouldBeEmpty();
        Schema.Bind(Set("""{"plain": false}""")).Config.ShouldBeNull();
    }

    [Fact]
    public void A_binding_is_told_apart_by_its_parameters()
    {
        Schema.Bind(Set("""{"size": 5, "speed": 1}""")).ShouldBe(Schema.Bind(Set("""{"speed": 1.0, "size": 5}""")));
        Schema.Bind(Set("""{"size": 5}""")).ShouldNotBe(Schema.Bind(Set("""{"size": 6}""")));
    }

    [Theory]
    [InlineData("""{"sise": 5}""", "The generator has no parameter 'sise'; allowed: size, speed")]
    [InlineData("""{"size": 50}""", "The parameter 'size' is 50; allowed: an integer, at least 2, at most 9.")]
    public void Parameters_that_the_schema_does_not_allow_are_not_bound(string given, string mistake) =>
        Should.Throw<ArgumentException>(() => Schema.Bind(Set(given))).Message.ShouldContain(mistake);

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"properties": {"a": true}}""")]
    public void JSON_without_an_object_schema_is_not_read(string schema) => ParameterSchema.Read(JsonElement.Parse(schema)).ShouldBeNull();

    [Theory]
    [InlineData("""{"enum": ["hard", "easy"]}""", "\"hard\"")]
    [InlineData("""{"type": "integer", "minimum": 3, "maximum": 9}""", "3")]
    [InlineData("""{"type": "integer", "exclusiveMinimum": 3}""", "4")]
    [InlineData("""{"type": "integer", "minimum": 3, "multipleOf": 4}""", "4")]
    [InlineData("""{"type": "integer", "maximum": -2}""", "-2")]
    [InlineData("""{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.1}""", "0.05")]
    [InlineData("""{"type": "number"}""", "1")]
    [InlineData("""{"type": "integer", "default": 7}""", "7")]
    [InlineData("""{"type": "string", "minLength": 3}""", "\"111\"")]
    [InlineData("""{"type": "boolean"}""", "true")]
    [InlineData("""{"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2}""", "[\"a\",\"a\"]")]
    public void A_required_parameter_is_tried_with_its_first_choice_or_smallest_value(string property, string value)
    {
        var schema = ParameterSchema.Read(JsonElement.Parse($$$"""{"properties": {"a": {{{property}}}, "b": {"type": "integer"}}, "required": ["a"]}"""))!;

        schema.Required.ShouldBe(["a"]);
        schema.Examples()!.Json.ShouldBe($$"""{"a":{{value}}}""");
    }

    [Theory]
    [InlineData("""{"properties": {"a": {"type": "integer"}}}""")]
    [InlineData("""{"properties": {"a": {"type": "integer"}}, "required": ["b"]}""")]
    [InlineData("""{"properties": {"a": {"type": "integer", "minimum": 3, "maximum": 2}}, "required": ["a"]}""")]
    public void Nothing_is_made_up_where_nothing_is_required_or_allowed(string schema) =>
        ParameterSchema.Read(JsonElement.Parse(schema))!.Examples().ShouldBeNull();

    private static ParameterSet Set(string json)
    {
        ParameterSet.TryRead(JsonElement.Parse(json), out var set, out var problem).ShouldBeTrue(problem);
        return set!;
    }
}
