from . import crm_roadmap_cached_mixin
from . import crm_roadmap_feature
from . import crm_roadmap_feature_pin
