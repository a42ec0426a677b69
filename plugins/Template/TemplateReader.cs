using System.Text;
using MiniDns.Configuration;
using MiniDns.Expressions;
using MiniDns.Plugins.Template.Engine;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Template;

/// <summary>Reads one <c>template</c> directive.</summary>
/// <param name="directive">The directive.</param>
/// <param name="setup">The block's setup.</param>
/// <param name="labels">Takes the metadata labels that templates use.</param>
internal sealed class TemplateReader(Directive directive, PluginSetup setup, Dictionary<string, MetadataLabel> labels)
{
    /// <summary>The longest EXTRA-TEXT, in octets.</summary>
    private const int MaxErrorText = 400;

    private readonly DirectiveReader _reader = new(directive, setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
    private readonly List<GoRegex> _patterns = [];
    private readonly ExpressionEnvironment _environment = TemplateContext.NewEnvironment();
    private readonly List<(string Name, Expression Value)> _variables = [];
    private readonly List<Expression> _conditions = [];
    private readonly List<TemplateRecord> _answer = [];
    private readonly List<TemplateRecord> _authority = [];
    private readonly List<TemplateRecord> _additional = [];
    private DnsResponseCode _code;
    private SourceSpan _codePlace;
    private ushort? _errorCode;
    private byte[] _errorText = [];
    private Fallthrough _fallthrough = Fallthrough.None;

    /// <summary>Reads it.</summary>
    /// <returns>What it says; null when that cannot be told. Errors are with the setup's diagnostics.</returns>
    public TemplateOptions? Read()
    {
        if (!_reader.TryWord("a class such as IN or ANY, a type and zones", out string? classText))
        {
            return null;
        }

        bool isUsable = true;
        if (!DnsClassText.TryParse(classText, out DnsRecordClass @class))
        {
            _reader.Error($"'{classText}' is not a class such as IN, CH or ANY");
            isUsable = false;
        }

        if (!_reader.TryWord("a type such as A or ANY", out string? typeText))
        {
            return null;
        }

        if (!DnsTypeText.TryParse(typeText, out DnsRecordType type))
        {
            _reader.Error($"'{typeText}' is not a type such as A, MX or ANY");
            isUsable = false;
        }

        IReadOnlyList<DnsName> zones = _reader.Zones();
        _reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["match"] = ReadPatterns,
                ["var"] = ReadVariable,
                ["expr"] = ReadCondition,
                ["answer"] = p => ReadRecords(p, DnsSection.Answer, _answer),
                ["authority"] = p => ReadRecords(p, DnsSection.Authority, _authority),
                ["additional"] = p => ReadRecords(p, DnsSection.Additional, _additional),
                ["rcode"] = ReadCode,
                ["ederror"] = ReadExtendedError,
                ["fallthrough"] = p => _fallthrough = Fallthrough.For(p.Zones([])),
                ["upstream"] = p => p.Rest(),
            },
            repeatable: ["match", "var", "expr", "answer", "authority", "additional"]);
        if (!isUsable || zones.Count == 0)
        {
            return null;
        }

        WarnAboutDenial(type, typeText);
        return new TemplateOptions
        {
            Zones = zones,
            Class = @class,
            Type = type,
            Patterns = _patterns,
            Variables = _variables,
            Conditions = _conditions,
            Records = [.. _answer, .. _additional, .. _authority],
            Code = _code,
            ErrorCode = _errorCode,
            ErrorText = _errorText,
            Fallthrough = _fallthrough,
        };
    }

    /// <summary>NXDOMAIN is about a name, whatever the type: clients that ask for A and AAAA give up both (RFC 8020 §2).</summary>
    private void WarnAboutDenial(DnsRecordType type, string typeText)
    {
        if (_code == DnsResponseCode.NameError && type != DnsRecordType.ANY)
        {
            setup.Diagnostics.Warning(
                _codePlace,
                $"template: rcode: NXDOMAIN says that the name has no records of any type, not only no {typeText}: caches and clients give up its other types too; "
                + "leave 'rcode' out to say that it has none of this type (NOERROR without an answer), or write ANY for the type");
        }
    }

    private void ReadPatterns(DirectiveReader line)
    {
        if (!line.ArgumentCount(1, int.MaxValue, "match REGEX..."))
        {
            return;
        }

        foreach (CorefileToken token in line.Rest())
        {
            if (GoRegex.TryParse(token.Text, out GoRegex? pattern, out string? error))
            {
                _patterns.Add(pattern);
            }
            else
            {
                line.Error(token.Span, error);
            }
        }
    }

    private void ReadVariable(DirectiveReader line)
    {
        if (!line.ArgumentCount(2, int.MaxValue, "var NAME EXPRESSION"))
        {
            return;
        }

        string name = line.Word("a name");
        if (!_environment.IsFree(name))
        {
            line.Error($"'{name}' cannot be a variable's name: it must be letters, digits and '_', no digit first, and mean nothing yet");
            line.Rest();
            return;
        }

        if (Expression.Read(line, _environment) is not { } expression)
        {
            return;
        }

        if (_environment.Declare(name, expression.Type) < 0)
        {
            line.Error($"there may be at most {ExpressionEnvironment.MaxVariables} variables");
            return;
        }

        _variables.Add((name, expression));
    }

    private void ReadCondition(DirectiveReader line)
    {
        if (!line.ArgumentCount(1, int.MaxValue, "expr EXPRESSION") || Expression.Read(line, _environment) is not { } expression)
        {
            return;
        }

        if (!expression.IsCondition)
        {
            line.Warning("the expression is neither true nor false, so nothing is ever answered; compare it with something");
        }

        _conditions.Add(expression);
    }

    private void ReadRecords(DirectiveReader line, DnsSection section, List<TemplateRecord> records)
    {
        if (!line.ArgumentCount(1, int.MaxValue, $"{line.Name} \"RECORD\"..."))
        {
            return;
        }

        foreach (CorefileToken token in line.Rest())
        {
            if (!CompiledTemplate.TryParse(token.Text, QueryData.Schema, out CompiledTemplate? template, out TemplateProblem? problem))
            {
                line.Error(token.PlaceOf(problem.Offset), problem.Message);
                continue;
            }

            foreach (TemplateProblem warning in template.Warnings)
            {
                setup.Diagnostics.Warning(token.PlaceOf(warning.Offset), $"template: {line.Name}: {warning.Message}");
            }

            foreach ((string _, string label) in template.MethodArguments)
            {
                labels.TryAdd(label, new MetadataLabel(label));
            }

            if (!template.IsConstant)
            {
                records.Add(new TemplateRecord(section, template, null));
            }
            else if (TryMakeConstant(line, token, template, out RRset? constant))
            {
                if (constant is not null)
                {
                    records.Add(new TemplateRecord(section, template, constant));
                }
            }
            else
            {
                records.Add(new TemplateRecord(section, template, null));
            }
        }
    }

    /// <summary>Makes a record that is the same for every query.</summary>
    /// <returns>False when it cannot be made, which is warned about: every query that wants it will fail, as in CoreDNS.</returns>
    private bool TryMakeConstant(DirectiveReader line, CorefileToken token, CompiledTemplate template, out RRset? record)
    {
        var workspace = new TemplateWorkspace();
        TemplateWorkspace.Result result = workspace.Make(template);
        record = null;
        if (result == TemplateWorkspace.Result.Record)
        {
            record = new RRset(workspace.Record.Owner.ToName(), workspace.Record.Type, workspace.Record.Class, workspace.Record.Ttl, [workspace.Record.Rdata.ToArray()]);
            return true;
        }

        if (result == TemplateWorkspace.Result.Nothing)
        {
            return true;
        }

        if (template.Warnings.Count == 0)
        {
            setup.Diagnostics.Warning(
                token.PlaceOf(workspace.Problem!.Offset),
                $"template: {line.Name}: {workspace.Problem.Message}; queries for it are answered SERVFAIL");
        }

        return false;
    }

    private void ReadCode(DirectiveReader line)
    {
        if (!line.TryWord("a response code such as NXDOMAIN", out string? text))
        {
            return;
        }

        _codePlace = line.Span;
        if (!DnsResponseCodeText.TryParse(text, out _code))
        {
            line.Error($"'{text}' is not a response code such as NOERROR, NXDOMAIN, SERVFAIL or REFUSED");
        }
    }

    private void ReadExtendedError(DirectiveReader line)
    {
        if (!line.ArgumentCount(1, 2, "ederror CODE [\"REASON\"]") || !line.TryInt(0, ushort.MaxValue, out int code))
        {
            line.Rest();
            return;
        }

        _errorCode = (ushort)code;
        if (line.HasArgument)
        {
            _errorText = Encoding.UTF8.GetBytes(line.Word("a reason"));
            if (_errorText.Length > MaxErrorText)
            {
                line.Error($"the reason must not be longer than {MaxErrorText} octets");
            }
        }
    }
}
