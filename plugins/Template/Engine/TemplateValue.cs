using System.Globalization;

namespace MiniDns.Plugins.Template.Engine;

/// <summary>A value that a template works with. The default is <see cref="TemplateKind.Missing"/>.</summary>
internal readonly struct TemplateValue
{
    private readonly object? _reference;
    private readonly long _bits;

    private TemplateValue(TemplateKind kind, long bits, object? reference)
    {
        Kind = kind;
        _bits = bits;
        _reference = reference;
    }

    /// <summary>Nothing.</summary>
    public static TemplateValue Nil { get; } = new(TemplateKind.Nil, 0, null);

    /// <summary>What it is.</summary>
    public TemplateKind Kind { get; }

    /// <summary>The truth value of a <see cref="TemplateKind.Bool"/>.</summary>
    public bool Bool => _bits != 0;

    /// <summary>The number of an <see cref="TemplateKind.Int"/>.</summary>
    public long Int => _bits;

    /// <summary>The number of an <see cref="TemplateKind.Uint"/>.</summary>
    public ulong Uint => (ulong)_bits;

    /// <summary>The number of a <see cref="TemplateKind.Float"/>.</summary>
    public double Float => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The text of a <see cref="TemplateKind.String"/>.</summary>
    public string Text => (string)_reference!;

    /// <summary>The <see cref="TemplateKind.List"/>.</summary>
    public TemplateList List => (TemplateList)_reference!;

    /// <summary>The <see cref="TemplateKind.Map"/>.</summary>
    public TemplateMap Map => (TemplateMap)_reference!;

    /// <summary>The <see cref="TemplateKind.Object"/>.</summary>
    public TemplateObject Object => (TemplateObject)_reference!;

    /// <summary>True unless it is zero, empty, false or nothing: what <c>if</c> looks at.</summary>
    public bool IsTrue => Kind switch
    {
        TemplateKind.Bool or TemplateKind.Int or TemplateKind.Uint => _bits != 0,
        TemplateKind.Float => Float != 0,
        TemplateKind.String => Text.Length > 0,
        TemplateKind.List => List.Count > 0,
        TemplateKind.Map => Map.Count > 0,
        TemplateKind.Object => true,
        _ => false,
    };

    /// <summary>Go's name of the type, for messages and for <c>printf</c>'s complaints.</summary>
    public string TypeName => Kind switch
    {
        TemplateKind.Bool => "bool",
        TemplateKind.Int => "int",
        TemplateKind.Uint => "uint64",
        TemplateKind.Float => "float64",
        TemplateKind.String => "string",
        TemplateKind.List => "list",
        TemplateKind.Map => "map",
        TemplateKind.Object => "object",
        TemplateKind.Nil => "nil",
        _ => "no value",
    };

    /// <summary>True or false.</summary>
    public static TemplateValue From(bool value) => new(TemplateKind.Bool, value ? 1 : 0, null);

    /// <summary>A signed whole number.</summary>
    public static TemplateValue From(long value) => new(TemplateKind.Int, value, null);

    /// <summary>A whole number that is not negative.</summary>
    public static TemplateValue From(ulong value) => new(TemplateKind.Uint, (long)value, null);

    /// <summary>A number with a fraction.</summary>
    public static TemplateValue From(double value) => new(TemplateKind.Float, BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>Text.</summary>
    public static TemplateValue From(string value) => new(TemplateKind.String, 0, value);

    /// <summary>A list.</summary>
    public static TemplateValue From(TemplateList value) => new(TemplateKind.List, 0, value);

    /// <summary>A map.</summary>
    public static TemplateValue From(TemplateMap value) => new(TemplateKind.Map, 0, value);

    /// <summary>Something with fields.</summary>
    public static TemplateValue From(TemplateObject value) => new(TemplateKind.Object, 0, value);

    /// <summary>For a debugger.</summary>
    public override string ToString() => Kind switch
    {
        TemplateKind.String => Text,
        TemplateKind.Int => Int.ToString(CultureInfo.InvariantCulture),
        TemplateKind.Uint => Uint.ToString(CultureInfo.InvariantCulture),
        _ => TypeName,
    };
}
