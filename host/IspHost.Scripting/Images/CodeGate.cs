using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace IspHost.Scripting.Images;

/// <summary>Looks through the instructions of one method.</summary>
static class CodeGate
{
    static readonly Dictionary<int, OpCode> OpCodes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>They reach memory, or code, without a reference that could be looked at.</summary>
    static readonly HashSet<short> Refused =
    [
        .. new[]
        {
            System.Reflection.Emit.OpCodes.Localloc, System.Reflection.Emit.OpCodes.Calli, System.Reflection.Emit.OpCodes.Cpblk,
            System.Reflection.Emit.OpCodes.Initblk, System.Reflection.Emit.OpCodes.Cpobj, System.Reflection.Emit.OpCodes.Mkrefany,
            System.Reflection.Emit.OpCodes.Refanyval, System.Reflection.Emit.OpCodes.Refanytype, System.Reflection.Emit.OpCodes.Arglist,
            System.Reflection.Emit.OpCodes.Jmp, System.Reflection.Emit.OpCodes.Break, System.Reflection.Emit.OpCodes.Sizeof,
        }.Select(code => code.Value),
    ];

    /// <returns>What is wrong with the method, to stand behind its name; or null.</returns>
    public static string? Refuse(MethodBodyBlock body, MetadataReader metadata, DocumentationIds ids)
    {
        var code = body.GetILReader();
        var (metered, backward) = (new List<int>(), new List<(int From, int To)>());
        while (code.RemainingBytes > 0)
        {
            var at = code.Offset;
            var instruction = Read(ref code);
            if (Refused.Contains(instruction.Value))
                return $"has the instruction {instruction.Name}";
            if (instruction.OperandType == OperandType.InlineMethod && IsMeter(code.ReadInt32(), metadata, ids))
                metered.Add(at);
            else
                Operand(ref code, instruction, target => backward.Add((at, target)));
        }

        // A jump back is a loop: somewhere between its ends the meter must be asked.
        return backward.Any(jump => jump.To <= jump.From && !metered.Any(at => at >= jump.To && at <= jump.From))
            ? "has a loop without a meter"
            : null;
    }

    /// <exception cref="BadImageFormatException">There is no such instruction.</exception>
    public static OpCode Read(ref BlobReader code)
    {
        var value = (int)code.ReadByte();
        if (value == 0xfe)
            value = 0xfe00 | code.ReadByte();
        return OpCodes.TryGetValue(value, out var instruction) ? instruction : throw new BadImageFormatException();
    }

    static bool IsMeter(int token, MetadataReader metadata, DocumentationIds ids)
        => MetadataTokens.EntityHandle(token) is { Kind: HandleKind.MemberReference } member
            && ids.OfMember((MemberReferenceHandle)member).Owner == "IspHost.ScriptWorker.Metering.Meter";

    /// <summary>Passes the operand of an instruction, and tells where it may jump to.</summary>
    public static void Operand(ref BlobReader code, OpCode instruction, Action<int> jump)
    {
        switch (instruction.OperandType)
        {
            case OperandType.ShortInlineBrTarget:
                jump(code.ReadSByte() is var near ? code.Offset + near : 0);
                break;
            case OperandType.InlineBrTarget:
                jump(code.ReadInt32() is var far ? code.Offset + far : 0);
                break;
            case OperandType.InlineSwitch:
                Switch(ref code, jump);
                break;
            case OperandType.InlineMethod or OperandType.InlineNone:
                break;
            case OperandType.ShortInlineI or OperandType.ShortInlineVar:
                code.Offset += 1;
                break;
            case OperandType.InlineVar:
                code.Offset += 2;
                break;
            case OperandType.InlineI8 or OperandType.InlineR:
                code.Offset += 8;
                break;
            default:
                code.Offset += 4;
                break;
        }
    }

    static void Switch(ref BlobReader code, Action<int> jump)
    {
        var targets = new int[code.ReadInt32()];
        for (var i = 0; i < targets.Length; i++)
            targets[i] = code.ReadInt32();
        foreach (var target in targets)
            jump(code.Offset + target);
    }
}
