import MaskAudit
