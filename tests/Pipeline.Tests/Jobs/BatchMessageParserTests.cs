using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Jobs;

public class BatchMessageParserTests
{
    [Fact]
    public void The_four_fields_are_enough()
    {
        var (message, errors) = BatchMessageParser.Parse("""{"type": "chess-task-data-generator", "start_index": 0, "num_samples": 1000, "seed": 42}""");
        errors.ShouldBeEmpty();
        message.ShouldBe(new BatchMessage
        {
            Generator = "chess-task-data-generator",
            StartIndex = 0,
            NumSamples = 1000,
            Seed = 42,
            JobId = "adhoc-42",
            OutputFormat = OutputFormat.Files,
            Attempt = 1,
        });
    }

    [Fact]
    public void A_written_message_is_read_back_unchanged()
    {
        var message = new BatchMessage
        {
            Generator = "g",
            StartIndex = 7,
            NumSamples = 3,
            Seed = 1,
            JobId = "20261123-1",
            OutputFormat = OutputFormat.WebDataset,
            Attempt = 2,
            BatchStart = 5,
            GeneratorVersion = "0123456789abcdef",
        };
        BatchMessageParser.Parse(message.ToJson()).Message.ShouldBe(message);
    }

    [Fact]
    public void Parameters_are_carried_on_and_keep_output_of_nobody_apart()
    {
        var one = Parse("""{"b": 2, "a": 1.0}""");
        one.Parameters!.Json.ShouldBe("""{"a":1,"b":2}""");
        one.JobId.ShouldMatch("^adhoc-42-[0-9a-f]{8}$");
        JobId.IsValid(one.JobId).ShouldBeTrue();
        Parse("""{"a": 1, "b": 2}""").ShouldBe(one);
        Parse("""{"a": 1, "b": 3}""").JobId.ShouldNotBe(one.JobId);
        Parse("{}").JobId.ShouldBe("adhoc-42");

        var part = BatchMessageParser.Parse(one.With(new SampleRange(3, 2), 2).ToJson()).Message!;
        part.Parameters.ShouldBe(one.Parameters);
        part.JobId.ShouldBe(one.JobId);

        static BatchMessage Parse(string parameters)
        {
            var (message, errors) = BatchMessageParser.Parse($$"""{"type": "g", "start_index": 0, "num_samples": 10, "seed": 42, "parameters": {{parameters}}}""");
            errors.ShouldBeEmpty();
            return message!;
        }
    }

    [Fact]
    public void Unknown_fields_are_ignored() =>
        BatchMessageParser.Parse("""{"type":"g","start_index":0,"num_samples":1,"seed":0,"note":{"by":"hand"}}""").Errors.ShouldBeEmpty();

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("hello", "not JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("null", "must be a JSON object")]
    [InlineData("""{"start_index":0,"num_samples":1,"seed":0}""", "type is missing")]
    [InlineData("""{"type":"g","num_samples":1,"seed":0}""", "start_index is missing")]
    [InlineData("""{"type":"g","start_index":0,"seed":0}""", "num_samples is missing")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":1}""", "seed is missing")]
    [InlineData("""{"type":7,"start_index":0,"num_samples":1,"seed":0}""", "type is 7; allowed: 1 to 128 letters")]
    [InlineData("""{"type":"../etc","start_index":0,"num_samples":1,"seed":0}""", "type is \"../etc\"; allowed: 1 to 128 letters")]
    [InlineData("""{"type":"g\n","start_index":0,"num_samples":1,"seed":0}""", "type is")]
    [InlineData("""{"type":"g","start_index":-1,"num_samples":1,"seed":0}""", "start_index is -1; allowed: an integer from 0")]
    [InlineData("""{"type":"g","start_index":"0","num_samples":1,"seed":0}""", "start_index is \"0\"; allowed: an integer")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":0,"seed":0}""", "num_samples is 0; allowed: an integer from 1 to 10,000")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":10001,"seed":0}""", "num_samples is 10001")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":1.5,"seed":0}""", "num_samples is 1.5")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":1,"seed":2147483648}""", "seed is 2147483648; allowed: an integer from 0 to 2,147,483,647")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":2,"seed":2147483647}""", "seed + the last index is 2147483648")]
    [InlineData("""{"type":"g","start_index":99999999,"num_samples":2,"seed":0}""", "start_index + num_samples is 100000001")]
    [InlineData("""{"type":"g","start_index":3,"num_samples":1,"seed":0,"batch_start":4}""", "batch_start is 4; allowed: at most start_index")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":1,"seed":0,"output_format":"zip"}""", "output_format is \"zip\"; allowed: \"files\" or \"webdataset\"")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":1,"seed":0,"job_id":"../x"}""", "job_id is \"../x\"")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":1,"seed":0,"attempt":4}""", "attempt is 4; allowed: an integer from 1 to 3")]
    [InlineData("""{"type":["g"],"start_index":{},"num_samples":true,"seed":null}""", "type is an array")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":1,"seed":0,"parameters":[1]}""", "parameters is an array; allowed: a JSON object of at most 4,096 bytes.")]
    [InlineData("""{"type":"g","start_index":0,"num_samples":1,"seed":0,"parameters":{"a":1,"a":2}}""", "parameters holds a name twice")]
    public void Errors_name_the_field_and_what_is_allowed(string body, string expected)
    {
        var (message, errors) = BatchMessageParser.Parse(body);
        message.ShouldBeNull();
        string.Join(" ", errors).ShouldContain(expected);
    }

    [Fact]
    public void Every_mistake_is_reported_at_once() =>
        BatchMessageParser.Parse("""{"type":["g"],"start_index":{},"num_samples":true,"seed":null}""").Errors.Count.ShouldBe(4);
}
